using Autom8.Caching.Testing;

namespace Autom8.Caching.Tests.Ladder;

public sealed class LeaseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Two_nodes_of_fifty_callers_share_one_load()
    {
        using var nodes = new Nodes();
        var source = new SuspendedSource<string>();
        var callers = Enumerable
            .Range(0, 100)
            .Select(index => nodes[index % 2].Cache.GetOrCreateAsync("key", source.LoadAsync).AsTask())
            .ToArray();
        Assert.Equal(1, source.Runs);
        source.Answer("value");
        var all = Task.WhenAll(callers);
        await nodes.AdvanceUntilAsync(all);
        Assert.All(await all.WaitAsync(Patience), value => Assert.Equal("value", value));
        Assert.Equal(1, source.Runs);
    }

    [Fact]
    public async Task A_node_that_dies_in_a_load_costs_another_the_lease_wait_and_no_more()
    {
        using var nodes = new Nodes();
        var dying = new SuspendedSource<string>();
        _ = nodes[0].Cache.GetOrCreateAsync("key", dying.LoadAsync).AsTask();
        nodes.Link(0).Cut();
        var other = nodes[1].GetAsync("key", "value").AsTask();
        nodes.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(other.IsCompleted);
        var waited = await nodes.AdvanceUntilAsync(other);
        Assert.Equal("value", await other.WaitAsync(Patience));
        Assert.InRange(waited, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(20)); // far from the lease's own end
    }

    [Fact]
    public async Task A_lease_that_was_taken_over_can_no_longer_fill()
    {
        using var nodes = new Nodes();
        var slow = new SuspendedSource<string>();
        var first = nodes[0].Cache.GetOrCreateAsync("key", slow.LoadAsync).AsTask();
        var other = nodes[1].GetAsync("key", "newer").AsTask();
        await nodes.AdvanceUntilAsync(other);
        Assert.Equal("newer", await other.WaitAsync(Patience));
        await nodes.SettleAsync();
        slow.Answer("older");
        Assert.Equal("older", await first.WaitAsync(Patience));
        await nodes.SettleAsync();
        Assert.Equal("newer", await nodes[0].PeekAsync("key"));
    }

    [Fact]
    public async Task A_failed_load_gives_its_lease_back_and_the_other_node_need_not_wait()
    {
        using var nodes = new Nodes();
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await nodes[0].Cache.GetOrCreateAsync<string>("key", _ => throw new InvalidDataException())
        );
        var other = nodes[1].GetAsync("key", "value");
        Assert.True(other.IsCompleted);
        Assert.Equal("value", await other);
    }

    [Fact]
    public async Task Without_a_wait_both_nodes_load_and_the_later_lease_fills()
    {
        using var nodes = new Nodes(configure: options => options.Distributed.LeaseWait = TimeSpan.Zero);
        var slow = new SuspendedSource<string>();
        var first = nodes[0].Cache.GetOrCreateAsync("key", slow.LoadAsync).AsTask();
        Assert.Equal("newer", await nodes[1].GetAsync("key", "newer").AsTask().WaitAsync(Patience));
        slow.Answer("older");
        await first.WaitAsync(Patience);
        await nodes.SettleAsync();
        Assert.Equal("newer", await nodes[0].PeekAsync("key"));
    }

    [Fact]
    public async Task Who_stops_waiting_for_another_nodes_load_loads_nothing()
    {
        using var nodes = new Nodes();
        var source = new SuspendedSource<string>();
        _ = nodes[0].Cache.GetOrCreateAsync("key", source.LoadAsync).AsTask();
        using var impatience = new CancellationTokenSource();
        var other = nodes[1].Cache.GetOrCreateAsync("key", source.LoadAsync, cancellationToken: impatience.Token).AsTask();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.WaitAsync(Patience));
        source.Answer("value");
        Assert.True(SpinWait.SpinUntil(() => nodes.Server.Names.Contains("a8:v:key"), Patience));
        Assert.Equal(1, nodes.Link(0).Calls(SharedOperation.Fill));
        Assert.Equal(0, nodes.Link(1).Calls(SharedOperation.Fill));
    }
}
