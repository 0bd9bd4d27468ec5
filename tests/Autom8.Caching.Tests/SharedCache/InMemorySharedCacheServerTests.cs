using Autom8.Caching.Distributed;
using Autom8.Caching.Testing;

namespace Autom8.Caching.Tests.SharedCache;

public sealed class InMemorySharedCacheServerTests : InMemorySharedCacheFixture
{
    [Fact]
    public async Task A_restart_with_data_keeps_values_leases_and_fences_and_begins_an_epoch()
    {
        await BeatAsync(A, "old");
        await SetAsync(A, "value", "x");
        await LeaseAsync(A, "lease", 1);
        await A.RemoveAsync("fence", default, new SharedFence(1, Minute));

        Server.Restart(keepData: true);

        Assert.Equal("x", Held("value"));
        Assert.Equal(SharedLeaseStatus.Busy, await LeaseAsync(B, "lease", 2));
        Assert.Equal(SharedLeaseStatus.Fenced, await LeaseAsync(B, "fence", 2));
        Assert.Equal("new", await BeatAsync(B, "new"));
        Assert.Equal("new", await BeatAsync(A, "late"));
    }

    [Fact]
    public void Restart_and_fail_over_interrupt_every_node_that_listens_and_a_flush_none()
    {
        var (a, b) = (new SharedCacheRecorder(), new SharedCacheRecorder());
        using var first = A.Subscribe(a);
        using var second = B.Subscribe(b);
        B.Cut();

        Server.Restart(keepData: true);
        Server.FailOver();
        Server.Flush();

        Assert.Equal([SharedCacheRecorder.Interruption, SharedCacheRecorder.Interruption], a.Heard);
        Assert.Empty(b.Heard);
        B.Heal();
        Assert.Equal([SharedCacheRecorder.Interruption], b.Heard);
    }

    [Fact]
    public async Task A_fail_over_undoes_the_last_writes_and_only_those_and_begins_an_epoch()
    {
        await BeatAsync(A, "old");
        await SetAsync(A, "a", "kept");
        await A.RemoveAsync("lifted", default, new SharedFence(1, Minute));
        await SetAsync(A, "a", "lost");
        await RemoveAsync(A, "a");
        await A.RemoveAsync("lifted", default, new SharedFence(1, default, 7));
        await LeaseAsync(A, "lease", 1);

        // None of these changes anything, so none is an operation that can be lost.
        await A.ReleaseAsync("lease", 2);
        await B.FillAsync("lease", 2, Bytes("x"), null);
        await LeaseAsync(B, "lease", 2);
        await RemoveAsync(B, "never there");
        await B.GetAsync("a", None);
        await BeatAsync(B, "kept");

        Server.FailOver(lostOperations: 4);

        Assert.Equal("kept", Held("a"));
        Assert.Equal(SharedLeaseStatus.Fenced, await LeaseAsync(B, "lifted", 3));
        Assert.False(await A.FillAsync("lease", 1, Bytes("x"), null));
        Assert.Equal("new", await BeatAsync(B, "new"));
    }

    [Fact]
    public async Task A_second_fail_over_goes_on_where_the_first_one_ended()
    {
        foreach (var value in new[] { "1", "2", "3", "4" })
        {
            await SetAsync(A, "a", value);
        }

        Server.FailOver(1);
        Assert.Equal("3", Held("a"));
        await SetAsync(A, "a", "5");
        Server.FailOver(2);
        Assert.Equal("2", Held("a"));
        Server.FailOver(100);
        Assert.Null(Held("a"));
    }

    [Fact]
    public async Task A_lost_flush_brings_everything_back()
    {
        await SetAsync(A, "a", "x");
        await SetAsync(A, "b", "y");
        Server.Flush();
        await SetAsync(A, "c", "z");
        Assert.Equal(["c"], Server.Names);

        Server.FailOver(lostOperations: 2);

        Assert.Equal(["a", "b"], Server.Names.Order());
    }

    [Fact]
    public async Task What_was_written_before_a_restart_cannot_be_lost_any_more()
    {
        await SetAsync(A, "a", "x");
        Server.Restart(keepData: true);

        Server.FailOver(lostOperations: 10);

        Assert.Equal("x", Held("a"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(5000)]
    public async Task So_many_writes_can_be_lost_as_promised(int writes)
    {
        for (var i = 1; i <= writes; i++)
        {
            await SetAsync(A, "a", $"{i}");
        }

        Server.FailOver(lostOperations: 7);
        Assert.Equal($"{writes - 7}", Held("a"));
        for (var i = 0; i < 7; i++)
        {
            await SetAsync(A, "a", "again");
        }

        Server.FailOver(lostOperations: 1024);
        Assert.Equal(writes <= 1024 ? null : $"{writes - 1024}", Held("a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Server.FailOver(1025));
    }

    [Fact]
    public async Task What_a_test_puts_in_place_of_a_value_ends_no_lease_tells_nobody_and_keeps_the_lifetime()
    {
        var recorder = new SharedCacheRecorder();
        using var subscription = A.Subscribe(recorder);
        await A.GetOrAddAsync("a", Bytes("good"), Minute);
        await LeaseAsync(A, "loading", 1);

        Server["a"] = Bytes("poison");
        Server["loading"] = Bytes("poison");
        Server["loading"] = null;
        Server["absent"] = null;

        Assert.Equal("poison", Held("a"));
        Assert.Equal(1, Server.Count);
        Assert.True(await A.FillAsync("loading", 1, Bytes("loaded"), null));
        Assert.Equal(2, Server.Count);
        Assert.Empty(recorder.Heard);
        Time.Advance(Minute);
        Assert.Equal(["loading"], Server.Names);
        Assert.Equal(1, Server.Count);
    }

    [Fact]
    public async Task Arguments_that_mean_nothing_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => A.LeaseAsync("a", 0, Minute, SharedLeaseMode.Miss, None).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            A.LeaseAsync("a", 1, TimeSpan.Zero, SharedLeaseMode.Miss, None).AsTask()
        );
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => A.SetAsync("a", default, TimeSpan.Zero, default).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => A.GetOrAddAsync("a", default, -Minute).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => A.GetManyAsync([null!], None).AsTask());
        Assert.False(await A.FillAsync("a", 0, Bytes("x"), null));
        Assert.Throws<ArgumentOutOfRangeException>(() => Server.FailOver(-1));
    }
}
