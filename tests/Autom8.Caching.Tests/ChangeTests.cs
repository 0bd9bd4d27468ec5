using Autom8.Caching.Testing;

namespace Autom8.Caching.Tests;

public sealed class ChangeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Nothing_is_stored_for_a_key_that_is_being_changed_on_any_node()
    {
        using var nodes = new Nodes();
        await nodes[0].GetAsync("key", "before");
        Assert.Equal("before", await nodes[1].PeekAsync("key"));
        await using (var change = await nodes[0].Cache.BeginChangeAsync(["key", "key"]))
        {
            Assert.Equal(InvalidationStatus.Done, change.Status);
            for (var index = 0; index < 2; index++)
            {
                Assert.Equal("one", await nodes[index].PeekAsync("key", "one"));
                Assert.Equal("two", await nodes[index].PeekAsync("key", "two"));
                await nodes[index].Cache.SetAsync("key", "set");
                await nodes.SettleAsync();
                Assert.False(nodes[1 - index].Cache.TryGet<string>("key", out _));
            }

            Assert.DoesNotContain("a8:v:key", nodes.Server.Names);
            Assert.True(nodes[0].Cache.Explain("key").IsBeingChanged);
            await change.DisposeAsync();
            Assert.Equal(InvalidationStatus.Done, change.Status);
        }

        Assert.Equal("after", await nodes[1].PeekAsync("key", "after"));
        await nodes.SettleAsync();
        Assert.Equal("after", await nodes[0].PeekAsync("key"));
    }

    [Fact]
    public async Task A_load_that_runs_when_the_change_begins_or_ends_is_not_stored()
    {
        using var nodes = new Nodes();
        var early = new SuspendedSource<string>();
        var first = nodes[1].Cache.GetOrCreateAsync("key", early.LoadAsync).AsTask();
        var change = await nodes[0].Cache.BeginChangeAsync(["key"]);
        var during = new SuspendedSource<string>();
        var second = nodes[1].Cache.GetOrCreateAsync("key", during.LoadAsync).AsTask();
        await change.DisposeAsync();
        early.Answer("before");
        during.Answer("before, too");
        await Task.WhenAll(first, second).WaitAsync(Patience);
        await nodes.SettleAsync();
        Assert.Equal("after", await nodes[0].PeekAsync("key", "after"));
        await nodes.SettleAsync();
        Assert.Equal("after", await nodes[1].PeekAsync("key"));
    }

    [Fact]
    public async Task A_process_that_ends_between_commit_and_disposal_leaves_nothing_stale_behind()
    {
        using var nodes = new Nodes();
        await nodes[1].GetAsync("key", "before");
        await nodes[0].Cache.BeginChangeAsync(["key"]);
        Assert.Equal("before", await nodes[1].PeekAsync("key", "before")); // read before the commit, and not kept
        nodes.Link(0).Cut(); // and there it ends
        Assert.Equal("after", await nodes[1].PeekAsync("key", "after"));
        nodes.Advance(TimeSpan.FromMinutes(2)); // the fence falls by itself
        Assert.Equal("later", await nodes[1].PeekAsync("key", "later"));
        await nodes.SettleAsync();
        Assert.Contains("a8:v:key", nodes.Server.Names);
    }

    [Fact]
    public async Task The_position_of_a_commit_is_told_to_loaders_on_every_node_for_a_while()
    {
        using var nodes = new Nodes();
        await using (var change = await nodes[0].Cache.BeginChangeAsync(["key"]))
        {
            change.CommittedAt(42);
        }

        Assert.Equal(42ul, await PositionAsync(nodes[1]));
        await nodes[1].Cache.RemoveAsync("key");
        Assert.Equal(42ul, await PositionAsync(nodes[0]));
        nodes.Advance(TimeSpan.FromMinutes(5));
        await nodes[1].Cache.RemoveAsync("key");
        Assert.Equal(0ul, await PositionAsync(nodes[1]));

        static ValueTask<ulong> PositionAsync(Node node) =>
            node.Cache.GetOrCreateAsync<int, ulong>("key", 0, static (context, _, _) => new(context.MinimumPosition));
    }

    [Fact]
    public async Task A_tier_that_cannot_be_told_is_said_to_be_pending_and_this_node_is_fenced_all_the_same()
    {
        using var nodes = new Nodes();
        nodes.Link(0).FailNext(SharedOperation.Remove);
        await using var change = await nodes[0].Cache.BeginChangeAsync(["key"]);
        Assert.Equal(InvalidationStatus.Pending, change.Status);
        await nodes[0].PeekAsync("key", "during");
        await nodes.SettleAsync();
        Assert.False(nodes[0].Cache.TryGet<string>("key", out _));
        await change.DisposeAsync();
        Assert.Equal(InvalidationStatus.Done, change.Status);
    }

    [Fact]
    public async Task Without_a_second_tier_a_change_fences_memory()
    {
        using var node = new Node();
        var change = await node.Cache.BeginChangeAsync(["key"]);
        var second = await node.Cache.BeginChangeAsync(["key"]);
        await node.GetAsync("key", "before");
        Assert.False(node.Cache.TryGet<string>("key", out _));
        await change.DisposeAsync();
        await change.DisposeAsync(); // once is enough: the second change stands
        await node.GetAsync("key", "before");
        Assert.False(node.Cache.TryGet<string>("key", out _));
        await second.DisposeAsync();
        await node.GetAsync("key", "after");
        Assert.True(node.Cache.TryGet<string>("key", out _));
        Assert.Empty(node.Cache.Engine.Calls);
    }

    [Fact]
    public async Task A_blank_key_cannot_be_changed()
    {
        using var node = new Node();
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.Cache.BeginChangeAsync([" "]));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await node.Cache.BeginChangeAsync([null!]));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await node.Cache.BeginChangeAsync(null!));
    }
}
