using Autom8.Caching.Distributed;

namespace Autom8.Testing.Caching;

public abstract partial class SharedCacheContract
{
    [Fact]
    public async Task Every_node_hears_every_message_the_sender_included()
    {
        using var first = await ListenAsync(First);
        using var second = await ListenAsync(Second);
        var name = Name();

        await First.SetAsync(name, Bytes("x"), Long, Message("set"));
        await First.RemoveAsync(name, Message("removed"));
        await First.RemoveAsync(name, Message("fenced"), new SharedFence(1, Long));
        await First.SetAsync(name, Bytes("x"), Long, Message("refused"));
        await First.RemoveAsync(name, Message("lifted"), new SharedFence(1));
        await First.BeatAsync(name, Bytes("epoch"), Message("beat"), None);
        await First.BeatAsync(name, Bytes("epoch"), Message("beat again"), None);

        string[] expected = ["set", "removed", "fenced", "refused", "lifted", "beat", "beat again"];
        Assert.Equal(expected, await HearAsync(first, expected.Length));
        Assert.Equal(expected, await HearAsync(second, expected.Length));
    }

    [Fact]
    public async Task Messages_about_one_name_come_in_the_order_of_the_effects_and_one_at_a_time()
    {
        const int Count = 100;
        using var first = await ListenAsync(First);
        using var second = await ListenAsync(Second);
        var name = Name();

        var sent = Enumerable.Range(0, Count).Select(i => First.SetAsync(name, Bytes($"{i}"), Long, Message($"{i}")).AsTask()).ToArray();
        await Task.WhenAll(sent);

        var expected = Enumerable.Range(0, Count).Select(static i => $"{i}");
        Assert.Equal(expected, await HearAsync(first, Count));
        Assert.Equal(expected, await HearAsync(second, Count));
        Assert.Equal((0, 0), (first.Overlaps, second.Overlaps));
    }

    [Fact]
    public async Task Messages_of_many_threads_come_whole_each_once_and_one_at_a_time()
    {
        const int Each = 25;
        using var listener = await ListenAsync(First);

        await AtOnceAsync(
            8,
            async (cache, caller) =>
            {
                var name = Name();
                for (var i = 0; i < Each; i++)
                {
                    await cache.RemoveAsync(name, Message($"{caller}:{i}"));
                }

                return caller;
            }
        );

        var heard = await HearAsync(listener, 8 * Each);
        for (var caller = 0; caller < 8; caller++)
        {
            var prefix = $"{caller}:";
            Assert.Equal(
                Enumerable.Range(0, Each).Select(i => $"{prefix}{i}"),
                heard.Where(message => message.StartsWith(prefix, StringComparison.Ordinal))
            );
        }

        Assert.Equal(0, listener.Overlaps);
    }

    [Fact]
    public async Task Who_hears_a_message_sees_its_effect()
    {
        using var listener = await ListenAsync(Second);
        var (name, epoch) = (Name(), Name());

        for (var i = 0; i < 20; i++)
        {
            var set = First.SetAsync(name, Bytes($"{i}"), Long, Message("set")).AsTask();
            await HearAsync(listener, 1);
            Assert.Equal($"{i}", await TextAsync(Second, name));
            await set;

            var removal = First.RemoveAsync(name, Message("removed")).AsTask();
            await HearAsync(listener, 1);
            Assert.Null(await TextAsync(Second, name));
            await removal;
        }

        var beat = First.BeatAsync(epoch, Bytes("epoch"), Message("beat"), None).AsTask();
        await HearAsync(listener, 1);
        Assert.Equal("epoch", await TextAsync(Second, epoch));
        await beat;
    }

    [Fact]
    public async Task Messages_are_any_bytes()
    {
        using var listener = await ListenAsync(Second);
        byte[] body = [.. Enumerable.Range(0, 5000).Select(static i => (byte)i)];

        await First.RemoveAsync(Name(), SharedCacheListener.Mark(_mark, body));

        Assert.Equal(body, await listener.NextAsync());
    }

    [Fact]
    public async Task The_buffer_of_a_message_is_the_callers_again_when_the_call_is_done()
    {
        using var listener = await ListenAsync(Second);
        for (var i = 0; i < 20; i++)
        {
            var message = Message($"kept {i}");
            await First.RemoveAsync(Name(), message);
            Array.Clear(message);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"kept {i}"), await HearAsync(listener, 20));
    }

    [Fact]
    public async Task Who_has_left_hears_nothing_and_may_come_back()
    {
        var name = Name();
        using var witness = await ListenAsync(Second);
        var left = await ListenAsync(First);
        left.Dispose();
        left.Dispose();

        await Second.RemoveAsync(name, Message("unheard"));
        Assert.Equal(["unheard"], await HearAsync(witness, 1));
        using var back = await ListenAsync(First);
        await Second.RemoveAsync(name, Message("heard"));

        Assert.Equal(["heard"], await HearAsync(back, 1));
        Assert.Empty(left.Rest());
    }

    [Fact]
    public async Task Loads_and_additions_are_not_announced()
    {
        using var listener = await ListenAsync(Second);
        var name = Name();

        await LeaseAsync(First, name, 1);
        await First.FillAsync(name, 1, Bytes("x"), Long);
        await First.ReleaseAsync(name, 1);
        await First.GetOrAddAsync(Name(), Bytes("x"), Long);
        await First.RemoveAsync(name, Message("the end"));

        Assert.Equal(["the end"], await HearAsync(listener, 1));
    }

    [Fact]
    public async Task The_first_beat_begins_an_epoch_and_the_others_keep_it()
    {
        var name = Name();

        Assert.Equal("a", await BeatAsync(First, name, "a"));
        Assert.Equal("a", await BeatAsync(Second, name, "b"));
        Assert.Equal("a", await BeatAsync(First, name, "c"));
        Assert.Equal("a", await TextAsync(Second, name));
    }

    [Fact]
    public async Task After_a_restart_an_epoch_begins_once_for_all_nodes()
    {
        var name = Name();
        await BeatAsync(First, name, "old");
        await First.SetAsync(Name(), Bytes("x"), Long, Message(""));

        await RestartEmptyAsync();

        Assert.Equal("b", await BeatAsync(Second, name, "b"));
        Assert.Equal("b", await BeatAsync(First, name, "a"));
        Assert.Equal("b", await BeatAsync(Second, name, "c"));
    }

    [Fact]
    public async Task A_restart_without_data_forgets_values_leases_and_fences()
    {
        var (value, lease, fence) = (Name(), Name(), Name());
        await First.SetAsync(value, Bytes("x"), null, Message(""));
        await LeaseAsync(First, lease, 1);
        await First.RemoveAsync(fence, Message(""), new SharedFence(1, Long));

        await RestartEmptyAsync();

        Assert.Null(await First.GetAsync(value, None));
        Assert.False(await First.FillAsync(lease, 1, Bytes("stale"), Long));
        AssertLease(SharedLeaseStatus.Granted, 0, await LeaseAsync(Second, fence, 1));
    }

    [Fact]
    public async Task After_everything_was_removed_an_epoch_begins_once_for_all_nodes()
    {
        var name = Name();
        await BeatAsync(First, name, "old");

        await FlushAsync();

        var seen = await AtOnceAsync(8, (cache, i) => BeatAsync(cache, name, $"{i}"));
        Assert.Single(seen.Distinct());
        Assert.NotEqual("old", seen[0]);
        Assert.Equal(seen[0], await BeatAsync(First, name, "late"));
    }

    [Fact]
    public async Task When_the_value_of_an_epoch_is_missing_an_epoch_begins()
    {
        var name = Name();
        await BeatAsync(First, name, "old");
        await First.RemoveAsync(name, Message(""));

        Assert.Equal("new", await BeatAsync(Second, name, "new"));
        Assert.Equal("new", await BeatAsync(First, name, "late"));
    }

    [Fact]
    public async Task A_value_that_no_beat_has_put_there_is_no_epoch()
    {
        var name = Name();
        await First.SetAsync(name, Bytes("left by another server"), null, Message(""));

        Assert.Equal("new", await BeatAsync(First, name, "new"));
        Assert.Equal("new", await BeatAsync(Second, name, "late"));
    }

    private static async Task<string> BeatAsync(ISharedCache cache, string name, string fresh) =>
        Text(await cache.BeatAsync(name, Bytes(fresh), Bytes("beat"), None));

    private static async Task<IReadOnlyList<string>> HearAsync(SharedCacheListener listener, int count)
    {
        var heard = new List<string>();
        for (var i = 0; i < count; i++)
        {
            heard.Add(Text(await listener.NextAsync()));
        }

        return heard;
    }
}
