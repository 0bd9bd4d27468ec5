using System.Globalization;
using Autom8.Caching;
using Autom8.Testing;

namespace Autom8.Redis.Tests.Nodes;

/// <summary>The rows of the ladder that take several nodes, on a real Redis.</summary>
public sealed class LadderOnRedisTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Eventually.Patience;
    private readonly string _prefix = $"test {Guid.CreateVersion7()}:";
    private LiveNode[] _nodes = [];

    public async Task InitializeAsync() =>
        _nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => LiveNode.StartAsync(RedisServer.Shared.Endpoint, _prefix)));

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Remove_on_one_node_while_another_loads_then_reads_on_all_three_are_fresh()
    {
        var began = new TaskCompletionSource();
        var answer = new TaskCompletionSource<string>();
        var early = _nodes[1]
            .Cache.GetOrCreateAsync(
                "key",
                async _ =>
                {
                    began.SetResult();
                    return await answer.Task;
                }
            )
            .AsTask();
        await began.Task.WaitAsync(Patience);
        Assert.Equal(InvalidationStatus.Done, await _nodes[0].Cache.InvalidateAsync("key"));
        answer.SetResult("old");
        Assert.Equal("old", await early.WaitAsync(Patience));
        await _nodes[1].Cache.DrainAsync().WaitAsync(Patience);
        foreach (var node in _nodes)
        {
            Assert.Equal("new", await node.GetAsync("key", "new").AsTask().WaitAsync(Patience));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_removed_on_one_node_is_gone_on_the_others_and_stays_gone(bool byTag)
    {
        for (var round = 0; round < 20; round++)
        {
            var (old, fresh) = ($"old {round}", $"new {round}");
            await _nodes[0].Cache.SetAsync("key", old, tags: ["tag"]);
            await Eventually.IsAsync(() => ReadAsync(1).Result == old && ReadAsync(2).Result == old);
            Assert.Equal(
                InvalidationStatus.Done,
                await (byTag ? _nodes[1].Cache.InvalidateByTagAsync("tag") : _nodes[1].Cache.InvalidateAsync("key"))
            );
            Assert.False((await _nodes[1].Cache.GetAsync<string>("key")).Found);
            await Eventually.IsAsync(() => !_nodes[0].Cache.TryGet<string>("key", out _) && !_nodes[2].Cache.TryGet<string>("key", out _));
            Assert.Equal(fresh, await _nodes[round % 3].GetAsync("key", fresh, "tag"));
            Assert.NotEqual(old, (await ReadAsync(0)));
            Assert.NotEqual(old, (await ReadAsync(2)));
        }

        async Task<string?> ReadAsync(int node) => (await _nodes[node].Cache.GetAsync<string>("key")).Value;
    }

    [Fact]
    public async Task Two_nodes_of_fifty_callers_share_one_load()
    {
        var runs = 0;
        var answer = new TaskCompletionSource<string>();
        var callers = Enumerable
            .Range(0, 100)
            .Select(index => _nodes[index % 2].Cache.GetOrCreateAsync("key", LoadAsync).AsTask())
            .ToArray();
        await Eventually.IsAsync(() => Volatile.Read(ref runs) > 0);
        answer.SetResult("value");
        Assert.All(await Task.WhenAll(callers).WaitAsync(Patience), value => Assert.Equal("value", value));
        Assert.Equal(1, runs);

        async ValueTask<string> LoadAsync(CancellationToken token)
        {
            Interlocked.Increment(ref runs);
            return await answer.Task;
        }
    }

    [Fact]
    public async Task Nothing_is_stored_for_a_key_that_is_being_changed_and_the_commits_position_is_told()
    {
        await _nodes[0].Cache.SetAsync("key", "before");
        await using (var change = await _nodes[0].Cache.BeginChangeAsync(["key"]))
        {
            Assert.Equal(InvalidationStatus.Done, change.Status);
            await Eventually.IsAsync(() => !_nodes[1].Cache.TryGet<string>("key", out _));
            Assert.Equal("one", await _nodes[1].GetAsync("key", "one"));
            await _nodes[1].Cache.DrainAsync().WaitAsync(Patience);
            Assert.Equal("two", await _nodes[1].GetAsync("key", "two"));
            Assert.False((await _nodes[2].Cache.GetAsync<string>("key")).Found);
            change.CommittedAt(42);
        }

        var position = await _nodes[2]
            .Cache.GetOrCreateAsync<int, string>("key", 0, static (context, _, _) => new($"{context.MinimumPosition}"));
        Assert.Equal("42", position);
    }

    [Fact]
    public async Task Many_keys_are_found_wherever_they_were_set()
    {
        await Task.WhenAll(Enumerable.Range(0, 300).Select(index => _nodes[index % 3].Cache.SetAsync($"key {index}", index).AsTask()));
        var found = await _nodes[0].Cache.GetManyAsync<int>([.. Enumerable.Range(0, 310).Select(index => $"key {index}")]);
        Assert.Equal(300, found.Count);
        Assert.All(Enumerable.Range(0, 300), index => Assert.Equal(index, found[$"key {index}"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_cut_off_and_healed_serves_none_of_twenty_stale(bool onlyMessages)
    {
        await using var proxy = new CutProxy(RedisServer.Shared.Port);
        await using var node = await LiveNode.StartAsync(proxy.Endpoint, _prefix);
        for (var index = 0; index < 20; index++)
        {
            await _nodes[0].Cache.SetAsync($"key {index}", "old");
            Assert.Equal("old", await node.GetAsync($"key {index}", "loaded"));
        }

        if (onlyMessages)
        {
            proxy.CutSubscriptions();
        }
        else
        {
            proxy.Cut();
        }

        for (var index = 0; index < 20; index++)
        {
            await _nodes[0].Cache.SetAsync($"key {index}", "new");
        }

        proxy.Heal();
        using var settled = new PeriodicTimer(TimeSpan.FromSeconds(2)); // MaxStaleness
        await settled.WaitForNextTickAsync();
        await node.ReadyAsync();
        for (var index = 0; index < 20; index++)
        {
            Assert.Equal("new", await node.GetAsync($"key {index}", "new"));
        }
    }

    [Fact]
    public async Task A_remover_cut_off_says_pending_and_makes_up_for_it()
    {
        await using var proxy = new CutProxy(RedisServer.Shared.Port);
        await using var remover = await LiveNode.StartAsync(proxy.Endpoint, _prefix);
        await remover.Cache.SetAsync("key", "old");
        Assert.Equal("old", await _nodes[0].GetAsync("key", "loaded"));
        proxy.Cut();
        Assert.Equal(InvalidationStatus.Pending, await remover.Cache.InvalidateAsync("key"));
        Assert.Equal("own", await remover.GetAsync("key", "own"));
        proxy.Heal();
        await remover.ReadyAsync();
        await Eventually.IsAsync(() => !_nodes[0].Cache.TryGet<string>("key", out var value) || value != "old");
        Assert.Equal("new", await _nodes[0].GetAsync("key", "new"));
    }

    [Fact]
    public async Task Two_thousand_edits_are_all_seen_by_the_other_within_the_bound_and_once_seen_never_unseen()
    {
        var bound = TimeSpan.FromSeconds(2 + 3); // MaxStaleness, and what a loaded machine may keep a thread waiting
        long slowest = 0;
        var seen = 0;
        for (var edit = 1; edit <= 2_000; edit++)
        {
            await _nodes[0].Cache.SetAsync("edited", edit);
            var since = Environment.TickCount64;
            for (var reads = 0; ; reads++)
            {
                var value = await _nodes[1].Cache.GetOrCreateAsync("edited", edit, static (value, _) => new ValueTask<int>(value));
                Assert.True(value >= seen, string.Create(CultureInfo.InvariantCulture, $"{value} after {seen}"));
                seen = value;
                if (value == edit)
                {
                    break;
                }

                Assert.True(Environment.TickCount64 - since < bound.TotalMilliseconds, $"Edit {edit} was not seen.");
                await Task.Yield();
            }

            slowest = Math.Max(slowest, Environment.TickCount64 - since);
        }

        Assert.InRange(slowest, 0, (long)bound.TotalMilliseconds);
    }
}
