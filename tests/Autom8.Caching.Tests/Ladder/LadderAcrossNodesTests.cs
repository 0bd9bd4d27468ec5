using Autom8.Caching.Distributed;
using Autom8.Caching.Testing;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Caching.Tests.Ladder;

/// <summary>The rows of the ladder that take several nodes.</summary>
public sealed class LadderAcrossNodesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Remove_on_one_node_while_another_loads_then_reads_on_all_three_are_fresh()
    {
        using var nodes = new Nodes(3);
        var old = new SuspendedSource<string>();
        var early = nodes[1].Cache.GetOrCreateAsync("key", old.LoadAsync).AsTask();
        Assert.Equal(1, old.Runs);
        await nodes[0].Cache.RemoveAsync("key");
        old.Answer("old");
        Assert.Equal("old", await early.WaitAsync(Patience));
        await nodes.SettleAsync();
        Assert.Equal("new", await nodes[1].PeekAsync("key", "new"));
        await nodes.SettleAsync();
        Assert.Equal("new", await nodes[0].PeekAsync("key"));
        Assert.Equal("new", await nodes[2].PeekAsync("key"));
    }

    [Fact]
    public async Task Remove_on_one_node_while_another_loads_is_fresh_even_when_the_message_is_lost()
    {
        using var nodes = new Nodes();
        var old = new SuspendedSource<string>();
        var early = nodes[1].Cache.GetOrCreateAsync("key", old.LoadAsync).AsTask();
        nodes.Link(1).DropNextMessages(1);
        await nodes[0].Cache.RemoveAsync("key");
        old.Answer("old");
        Assert.Equal("old", await early.WaitAsync(Patience));
        await nodes.SettleAsync(); // the fill is refused: the lease has ended, and memory gives it up again
        Assert.Equal("new", await nodes[1].PeekAsync("key", "new"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_removed_or_set_on_one_node_is_fresh_on_the_others_at_once(bool byTag)
    {
        using var nodes = new Nodes(3);
        for (var round = 0; round < 10; round++)
        {
            await nodes[0].GetAsync("key", $"{round}", tags: ["tag"]);
            await nodes.SettleAsync();
            Assert.Equal($"{round}", await nodes[1].PeekAsync("key"));
            Assert.Equal($"{round}", await nodes[2].PeekAsync("key"));
            await (byTag ? nodes[1].Cache.RemoveByTagAsync("tag") : nodes[1].Cache.RemoveAsync("key"));
            Assert.False(nodes[0].Cache.TryGet<string>("key", out _));
            Assert.False(nodes[2].Cache.TryGet<string>("key", out _));
        }

        await nodes[2].Cache.SetAsync("key", "set");
        Assert.Equal("set", await nodes[0].PeekAsync("key"));
        Assert.Equal("set", await nodes[1].PeekAsync("key"));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)] // nor when it had not heard a beat of the sender before
    public async Task A_node_cut_from_the_messages_and_healed_serves_none_of_twenty_stale(bool told, bool acquainted)
    {
        using var nodes = new Nodes(acquainted: acquainted);
        for (var index = 0; index < 20; index++)
        {
            await nodes[0].Cache.SetAsync($"key {index}", "old");
            Assert.Equal("old", await nodes[1].PeekAsync($"key {index}"));
        }

        nodes.Link(1).CutMessages(tell: told);
        for (var index = 0; index < 20; index++)
        {
            await nodes[0].Cache.SetAsync($"key {index}", "new");
        }

        nodes.Link(1).HealMessages(tell: told);
        if (!told)
        {
            nodes.Advance(MaxStaleness);
        }

        Assert.All(await ReadAllAsync(nodes[1]), value => Assert.Equal("new", value));
    }

    [Fact]
    public async Task A_node_that_stays_cut_from_the_messages_and_does_not_know_is_fresh_after_the_bound()
    {
        using var nodes = new Nodes();
        for (var index = 0; index < 20; index++)
        {
            await nodes[0].Cache.SetAsync($"key {index}", "old");
            Assert.Equal("old", await nodes[1].PeekAsync($"key {index}"));
        }

        nodes.Link(1).CutMessages(tell: false);
        for (var index = 0; index < 20; index++)
        {
            await nodes[0].Cache.SetAsync($"key {index}", "new");
        }

        nodes.Advance(MaxStaleness);
        Assert.False(nodes[1].Cache.Explain("key 0").IsMemoryConfirmed);
        Assert.All(await ReadAllAsync(nodes[1]), value => Assert.Equal("new", value));
    }

    [Fact]
    public async Task A_remover_cut_off_from_the_tier_is_made_up_for_when_it_heals()
    {
        using var nodes = new Nodes();
        await nodes[0].GetAsync("key", "old", tags: ["tag"]);
        await nodes[0].GetAsync("tagged", "old", tags: ["tag"]);
        Assert.Equal("old", await nodes[1].PeekAsync("key"));
        Assert.Equal("old", await nodes[1].PeekAsync("tagged"));
        nodes.Link(0).Cut();
        Assert.Equal(InvalidationStatus.Pending, await nodes[0].Cache.InvalidateAsync("key"));
        Assert.Equal(InvalidationStatus.Pending, await nodes[0].Cache.InvalidateByTagAsync("tag"));
        Assert.Equal("own", await nodes[0].GetAsync("key", "own"));
        Assert.Equal("old", await nodes[1].PeekAsync("key")); // it cannot have heard: this is what Pending says
        nodes.Link(0).Heal();
        nodes.Advance(MaxStaleness);
        Assert.Equal(0, nodes[0].Cache.PendingInvalidations);
        Assert.Equal("new", await nodes[1].PeekAsync("key", "new"));
        Assert.Equal("new", await nodes[1].GetAsync("tagged", "new", tags: ["tag"]));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_writer_whose_clock_is_a_minute_off_is_as_fresh_as_any_other(int seconds)
    {
        using var nodes = new Nodes(2, skewOfFirst: TimeSpan.FromSeconds(seconds));
        await nodes[0].GetAsync("key", "old", tags: ["tag"]);
        await nodes[1].Cache.RemoveByTagAsync("tag");
        Assert.Equal("new", await nodes[1].GetAsync("key", "new", tags: ["tag"]));
        await nodes.SettleAsync();
        await nodes[0].Cache.RemoveByTagAsync("tag");
        Assert.Equal("newer", await nodes[1].GetAsync("key", "newer", tags: ["tag"]));
        await nodes[0].Cache.RemoveAsync("key");
        Assert.Equal("newest", await nodes[1].GetAsync("key", "newest", tags: ["tag"]));
    }

    [Fact]
    public async Task A_tier_that_reads_and_cannot_be_filled_costs_its_use_and_nothing_else()
    {
        using var nodes = new Nodes();
        nodes.Link(0).FailNext(SharedOperation.Fill, int.MaxValue);
        Assert.Equal("one", await nodes[0].GetAsync("key", "one"));
        await nodes.SettleAsync();
        Assert.Equal("one", await nodes[0].PeekAsync("key"));
        Assert.DoesNotContain("a8:v:key", nodes.Server.Names);

        nodes.Link(0).FailNext(SharedOperation.Set, 1);
        await nodes[0].Cache.SetAsync("set", "value"); // the tier does not have it, and is owed a removal
        Assert.Equal("value", await nodes[0].PeekAsync("set"));
        Assert.Equal(1, nodes[0].Cache.PendingInvalidations);
        nodes.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, nodes[0].Cache.PendingInvalidations);
    }

    [Fact]
    public async Task A_set_whose_answer_is_lost_leaves_nothing_older_anywhere()
    {
        using var nodes = new Nodes();
        await nodes[0].Cache.SetAsync("key", "old");
        Assert.Equal("old", await nodes[1].PeekAsync("key"));
        nodes.Link(0).FailNext(SharedOperation.Set, 1, takeEffect: true);
        await nodes[0].Cache.SetAsync("key", "set");
        Assert.Equal("set", await nodes[1].PeekAsync("key", "set"));
        nodes.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("set", await nodes[1].PeekAsync("key", "set"));
    }

    [Fact]
    public async Task Messages_about_unknown_keys_and_regions_and_messages_that_are_none_are_let_pass()
    {
        var server = new InMemorySharedCache();
        using var one = new Node(build: Over(server.Connect(), regions: true));
        using var other = new Node(build: Over(server.Connect(), regions: false));
        await other.Cache.SetAsync("key", "value");
        Assert.Equal(InvalidationStatus.Done, await one.Region<int, string>("only-here").SetAsync(7, "seven"));
        Assert.Equal(InvalidationStatus.Done, await one.Region<int, string>("only-here").RemoveAsync(7));
        Assert.Equal(InvalidationStatus.Done, await one.Cache.InvalidateAsync("nobody has this"));
        var stranger = server.Connect();
        await stranger.RemoveAsync("a8:v:strange", new byte[] { 1, 2, 3 });
        await stranger.RemoveAsync("a8:v:strange", ReadOnlyMemory<byte>.Empty);
        await stranger.RemoveAsync("a8:v:strange", new byte[10_000]);
        Assert.True(other.Cache.TryGet<string>("key", out _));
        Assert.Equal("value", await one.PeekAsync("key"));

        static Action<CachingBuilder> Over(InMemorySharedCacheLink link, bool regions) =>
            builder =>
            {
                builder.UseSharedCache(_ => link);
                if (regions)
                {
                    builder.AddRegion<int, string>("only-here");
                }
            };
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_of_the_tier_fails_no_call_and_brings_nothing_back(bool keepData)
    {
        using var nodes = new Nodes();
        await nodes[0].Cache.SetAsync("removed", "old");
        await nodes[0].Cache.SetAsync("kept", "kept");
        Assert.Equal("old", await nodes[1].PeekAsync("removed"));
        await nodes[0].Cache.RemoveAsync("removed");
        nodes.Server.Restart(keepData);
        Assert.Equal("new", await nodes[1].PeekAsync("removed", "new"));
        Assert.Equal("kept", await nodes[0].PeekAsync("kept", "kept"));
        nodes.Advance(MaxStaleness);
        await nodes[0].Cache.SetAsync("after", "shared");
        Assert.Equal("shared", await nodes[1].PeekAsync("after"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_failover_that_loses_the_last_writes_brings_back_nothing_that_was_removed(int lost)
    {
        using var nodes = new Nodes();
        await nodes[0].Cache.SetAsync("key", "old");
        await nodes[0].GetAsync("tagged", "old", tags: ["tag"]);
        Assert.Equal("old", await nodes[1].PeekAsync("key"));
        await nodes[0].Cache.RemoveByTagAsync("tag");
        Assert.Equal(InvalidationStatus.Done, await nodes[0].Cache.InvalidateAsync("key"));
        nodes.Server.FailOver(lost);
        for (var index = 0; index < 2; index++)
        {
            Assert.Equal("new", await nodes[index].PeekAsync("key", "new"));
            Assert.Equal("new", await nodes[index].GetAsync("tagged", "new", tags: ["tag"]));
        }
    }

    [Fact]
    public async Task A_flush_fails_no_call_and_the_nodes_agree_after_it()
    {
        using var nodes = new Nodes();
        await nodes[0].GetAsync("key", "old", tags: ["tag"]);
        nodes.Server.Flush();
        Assert.Equal("new", await nodes[1].GetAsync("key", "new", tags: ["tag"]));
        nodes.Advance(MaxStaleness);
        await nodes[0].Cache.RemoveByTagAsync("tag");
        Assert.Equal("newest", await nodes[1].GetAsync("key", "newest", tags: ["tag"]));
        await nodes.SettleAsync();
        Assert.Equal("newest", await nodes[0].GetAsync("key", "other", tags: ["tag"]));
    }

    [Fact]
    public async Task A_process_that_was_paused_does_not_serve_what_was_removed_meanwhile()
    {
        using var nodes = new Nodes();
        await nodes[0].Cache.SetAsync("key", "old", new() { Expiration = TimeSpan.FromHours(1) });
        Assert.Equal("old", await nodes[1].PeekAsync("key"));
        nodes.Link(1).Delivery = InMemoryDelivery.Manual; // it hears nothing while it stands still
        await nodes[0].Cache.RemoveAsync("key");
        nodes[1].Time.Advance(TimeSpan.FromSeconds(10)); // a jump: nothing has been heard or asked yet
        Assert.False(nodes[1].Cache.TryGet<string>("key", out _));
        Nodes.Inline(() => nodes.Link(1).Delivery = InMemoryDelivery.Immediate);
        Assert.Equal("new", await nodes[1].PeekAsync("key", "new"));
    }

    [Fact]
    public async Task An_open_circuit_is_closed_by_a_probe_and_memory_is_confirmed_anew()
    {
        using var nodes = new Nodes();
        await nodes[0].Cache.SetAsync("key", "old");
        Assert.Equal("old", await nodes[1].PeekAsync("key"));
        nodes.Link(1).Freeze();
        var cold = nodes[1].GetAsync("cold", "value").AsTask();
        await nodes.AdvanceUntilAsync(cold);
        Assert.Equal("value", await cold);
        Assert.False(nodes[1].Cache.Explain("key").IsDistributedTierAsked);
        Assert.Equal("old", await nodes[1].PeekAsync("key")); // there is nobody to ask: what memory holds is served

        nodes.Link(1).CutMessages(tell: false); // and what was said meanwhile is lost
        await nodes[0].Cache.SetAsync("key", "new");
        nodes.Link(1).HealMessages(tell: false);
        nodes.Link(1).Thaw();
        nodes.Advance(MaxStaleness);
        Assert.True(nodes[1].Cache.Explain("key").IsDistributedTierAsked);
        Assert.Equal("new", await nodes[1].PeekAsync("key"));
    }

    private static async Task<string[]> ReadAllAsync(Node node)
    {
        var values = new string[20];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = await node.PeekAsync($"key {index}", "loaded");
        }

        return values;
    }
}
