using Autom8.Caching.Distributed;
using Autom8.Caching.Testing;

namespace Autom8.Caching.Tests.SharedCache;

public sealed class InMemorySharedCacheFaultTests : InMemorySharedCacheFixture
{
    private readonly SharedCacheRecorder _recorder = new();

    [Fact]
    public async Task On_a_cut_link_everything_fails_at_once_and_has_no_effect()
    {
        await SetAsync(B, "a", "old");
        A.Cut();

        Task[] calls =
        [
            A.GetAsync("a", None).AsTask(),
            A.GetManyAsync(["a"], None).AsTask(),
            A.LeaseAsync("b", 1, Minute, SharedLeaseMode.Miss, None).AsTask(),
            A.FillAsync("b", 1, default, null).AsTask(),
            A.ReleaseAsync("b", 1).AsTask(),
            SetAsync(A, "a", "new"),
            A.GetOrAddAsync("c", default, null).AsTask(),
            RemoveAsync(A, "a"),
            A.BeatAsync("epoch", default, default, None).AsTask(),
        ];

        foreach (var call in calls)
        {
            Assert.True(call.IsCompleted);
            await Assert.ThrowsAsync<IOException>(() => call);
        }

        A.Heal();
        Assert.Equal("old", Held("a"));
        Assert.Equal(["a"], Server.Names);
        Assert.Equal(SharedLeaseStatus.Granted, await LeaseAsync(B, "b", 2));
        Assert.True(await SetAsync(A, "a", "after"));
    }

    [Fact]
    public async Task A_cut_node_misses_messages_and_is_told_when_the_link_is_healed()
    {
        using var subscription = A.Subscribe(_recorder);
        A.Cut();
        await SetAsync(B, "a", "missed");
        Assert.True(A.IsCut);
        Assert.Empty(_recorder.Heard);

        A.Heal();
        A.Heal();
        await SetAsync(B, "a", "heard");

        Assert.False(A.IsCut);
        Assert.Equal([SharedCacheRecorder.Interruption, "a=heard"], _recorder.Heard);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_only_the_messages_cut_operations_go_on_and_the_loss_is_told_or_silent(bool tell)
    {
        using var subscription = A.Subscribe(_recorder);

        A.CutMessages(tell);
        Assert.True(await SetAsync(A, "a", "missed"));
        Assert.Equal(tell ? [SharedCacheRecorder.Interruption] : [], _recorder.Heard);
        A.HealMessages(tell);
        A.HealMessages(tell);
        await SetAsync(A, "a", "heard");

        Assert.Equal(tell ? [SharedCacheRecorder.Interruption, SharedCacheRecorder.Interruption, "a=heard"] : ["a=heard"], _recorder.Heard);
    }

    [Fact]
    public async Task Dropped_messages_are_lost_for_this_node_only_and_nobody_is_told()
    {
        var other = new SharedCacheRecorder();
        using var first = A.Subscribe(_recorder);
        using var second = B.Subscribe(other);

        A.DropNextMessages(2);
        for (var i = 1; i <= 3; i++)
        {
            await SetAsync(B, "a", $"{i}");
        }

        Assert.Equal(["a=3"], _recorder.Heard);
        Assert.Equal(["a=1", "a=2", "a=3"], other.Heard);
    }

    [Fact]
    public async Task What_was_frozen_takes_effect_in_order_however_long_ago_the_callers_gave_up()
    {
        using var givenUp = new CancellationTokenSource();
        await LeaseAsync(A, "loading", 1);
        A.Freeze();
        var set = SetAsync(A, "a", "1");
        var lease = A.LeaseAsync("late", 2, Minute, SharedLeaseMode.Miss, givenUp.Token).AsTask();
        var removal = RemoveAsync(A, "a");
        var added = A.GetOrAddAsync("a", Bytes("2"), null).AsTask();
        var fill = A.FillAsync("loading", 1, Bytes("stale"), null).AsTask();
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lease);
        Assert.True(A.IsFrozen);
        Assert.Equal(5, A.PendingOperations);
        Assert.Empty(Server.Names);
        await SetAsync(B, "a", "0");
        await RemoveAsync(B, "loading");
        Assert.False(A.DeliverOperation());

        A.Thaw();

        Assert.Equal(0, A.PendingOperations);
        Assert.True(await set);
        await removal;
        Assert.Equal(Bytes("2"), (await added).ToArray());
        Assert.False(await fill);
        Assert.Equal("2", Held("a"));
        Assert.Equal(SharedLeaseStatus.Busy, await LeaseAsync(B, "late", 3));
    }

    [Fact]
    public async Task Who_acts_on_an_answer_while_the_rest_still_thaws_acts_after_the_rest()
    {
        A.Freeze();
        var reaction = ReactAsync();
        var second = SetAsync(A, "a", "2");

        A.Thaw();

        await second;
        await reaction;
        Assert.Equal("3", Held("a"));

        async Task ReactAsync()
        {
            await SetAsync(A, "a", "1").ConfigureAwait(false);
            await SetAsync(A, "a", "3").ConfigureAwait(false);
        }
    }

    [Fact]
    public async Task A_frozen_node_hears_on_thawing_what_was_said_meanwhile_in_order_before_it_acts()
    {
        using var subscription = A.Subscribe(_recorder);
        A.Freeze();
        var own = SetAsync(A, "a", "own");
        await SetAsync(B, "a", "1");
        await SetAsync(B, "a", "2");
        Assert.Equal(2, A.PendingMessages);
        Assert.False(A.DeliverMessage());
        Assert.Empty(_recorder.Heard);

        A.Thaw();

        await own;
        Assert.Equal(["a=1", "a=2", "a=own"], _recorder.Heard);
    }

    [Fact]
    public async Task Cutting_a_frozen_link_fails_the_callers_and_the_server_still_does_what_it_had_received()
    {
        A.Freeze();
        var set = SetAsync(A, "a", "late");
        A.Cut();
        await Assert.ThrowsAsync<IOException>(() => set);
        await Assert.ThrowsAsync<IOException>(() => SetAsync(A, "b", "never sent"));
        Assert.Empty(Server.Names);

        A.Thaw();

        Assert.Equal(["a"], Server.Names);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "1")]
    public async Task A_call_fails_before_or_after_its_effect_as_the_script_says(bool takeEffect, string? held)
    {
        using var subscription = B.Subscribe(_recorder);
        A.FailNext(SharedOperation.Set | SharedOperation.Remove, takeEffect: takeEffect);

        await A.GetAsync("a", None);
        await Assert.ThrowsAsync<IOException>(() => SetAsync(A, "a", "1"));
        Assert.Equal(held, Held("a"));
        Assert.Equal(takeEffect ? ["a=1"] : [], _recorder.Heard);
        await RemoveAsync(A, "a");
        Assert.True(await SetAsync(B, "a", "2"));
    }

    [Fact]
    public async Task Failures_are_counted_until_they_are_stopped_and_rules_are_asked_in_order()
    {
        A.FailNext(SharedOperation.Set, count: 2);
        A.FailNext(SharedOperation.All, int.MaxValue, takeEffect: true);

        await Assert.ThrowsAsync<IOException>(() => SetAsync(A, "a", "1"));
        await Assert.ThrowsAsync<IOException>(() => A.GetAsync("a", None).AsTask());
        await Assert.ThrowsAsync<IOException>(() => SetAsync(A, "a", "2"));
        Assert.Null(Held("a"));
        await Assert.ThrowsAsync<IOException>(() => SetAsync(A, "a", "3"));
        Assert.Equal("3", Held("a"));
        A.StopFailing();
        Assert.True(await SetAsync(A, "a", "4"));

        Assert.Equal(4, A.Calls(SharedOperation.Set));
        Assert.Equal(5, A.Calls(SharedOperation.All));
        Assert.Equal(0, B.Calls(SharedOperation.All));
    }

    [Fact]
    public async Task A_call_given_up_before_it_was_made_is_not_sent()
    {
        var given = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => A.LeaseAsync("a", 1, Minute, SharedLeaseMode.Miss, given).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => A.BeatAsync("e", Bytes("x"), default, given).AsTask());

        Assert.Empty(Server.Names);
        Assert.Equal(SharedLeaseStatus.Granted, await LeaseAsync(B, "a", 2));
    }

    [Fact]
    public async Task What_a_subscriber_does_when_it_hears_is_heard_after_that()
    {
        var depth = 0;
        var deepest = 0;
        var recorder = new SharedCacheRecorder(heard =>
        {
            deepest = Math.Max(deepest, ++depth);
            if (heard == "a=1")
            {
                Assert.True(SetAsync(A, "b", "2").IsCompletedSuccessfully);
                Assert.True(SetAsync(A, "c", "3").IsCompletedSuccessfully);
            }

            depth--;
        });
        using var subscription = A.Subscribe(recorder);

        await SetAsync(A, "a", "1");

        Assert.Equal(["a=1", "b=2", "c=3"], recorder.Heard);
        Assert.Equal(1, deepest);
    }

    [Fact]
    public async Task A_subscriber_that_throws_fails_the_call_and_neither_the_effect_nor_the_others()
    {
        var failing = new SharedCacheRecorder(heard => throw new InvalidOperationException(heard));
        using var first = A.Subscribe(failing);
        using var second = B.Subscribe(_recorder);

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => SetAsync(B, "a", "1"));
        Assert.Equal("a=1", thrown.Message);
        A.Freeze();
        var hung = (SetAsync(A, "a", "2"), SetAsync(A, "a", "3"));
        Assert.Throws<InvalidOperationException>(A.Thaw);

        Assert.True(await hung.Item1);
        Assert.True(await hung.Item2);
        Assert.Equal("3", Held("a"));
        Assert.Equal(["a=1", "a=2", "a=3"], failing.Heard);
        Assert.Equal(["a=1", "a=2", "a=3"], _recorder.Heard);
    }

    [Fact]
    public void A_link_has_one_subscription_at_a_time()
    {
        var subscription = A.Subscribe(_recorder);
        Assert.Throws<InvalidOperationException>(() => A.Subscribe(_recorder));
        subscription.Dispose();

        using var next = A.Subscribe(_recorder);
        subscription.Dispose();
        Server.Restart(keepData: true);

        Assert.Equal([SharedCacheRecorder.Interruption], _recorder.Heard);
    }
}
