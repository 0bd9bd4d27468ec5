using Autom8.Caching.Testing;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Tests;

/// <summary>Looks that load nothing, many keys at once, and what the cache says of a key.</summary>
public sealed class LookTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_look_says_where_it_found_a_value_and_how_old_it_is()
    {
        using var nodes = new Nodes();
        Assert.Equal(default, await nodes[0].Cache.GetAsync<string>("key"));
        Assert.False((await nodes[0].Cache.GetAsync<string>("key")).TryGet(out _));
        var loaded = await nodes[0].Cache.GetOrCreateResultAsync("key", 0, static (_, _) => new ValueTask<string>("value"));
        Assert.Equal(new CacheResult<string>(CacheTier.Source, "value", TimeSpan.Zero, false), loaded);
        await nodes.SettleAsync();
        nodes.Advance(TimeSpan.FromSeconds(3));
        var local = await nodes[0].Cache.GetAsync<string>("key");
        Assert.Equal(new CacheResult<string>(CacheTier.Memory, "value", TimeSpan.FromSeconds(3), false), local);
        var found = await nodes[1].Cache.GetAsync<string>("key");
        Assert.Equal((CacheTier.Distributed, "value"), (found.Tier, found.Value));
        Assert.Equal(CacheTier.Memory, (await nodes[1].Cache.GetAsync<string>("key")).Tier);
        nodes.Advance(TimeSpan.FromMinutes(5));
        Assert.False((await nodes[1].Cache.GetAsync<string>("key")).Found);
    }

    [Fact]
    public async Task A_cached_null_is_found()
    {
        using var node = new Node();
        await node.Cache.SetAsync<string?>("key", null);
        var result = await node.Cache.GetAsync<string?>("key");
        Assert.True(result.Found);
        Assert.True(result.TryGet(out var value));
        Assert.Null(value);
    }

    [Fact]
    public async Task Many_keys_are_read_from_memory_and_then_in_one_read_of_the_tier()
    {
        using var nodes = new Nodes();
        for (var index = 0; index < 100; index++)
        {
            await nodes[0].Cache.SetAsync($"key {index}", $"{index}");
        }

        Assert.Equal("7", await nodes[1].PeekAsync("key 7"));
        var before = nodes.Link(1).Calls(SharedOperation.Get | SharedOperation.GetMany);
        string[] keys = [.. Enumerable.Range(0, 110).Select(index => $"key {index}"), "key 1", " "];
        var found = await nodes[1].Cache.GetManyAsync<string>(keys);
        Assert.Equal(before + 1, nodes.Link(1).Calls(SharedOperation.Get | SharedOperation.GetMany));
        Assert.Equal(100, found.Count);
        Assert.All(Enumerable.Range(0, 100), index => Assert.Equal($"{index}", found[$"key {index}"]));
        Assert.True(nodes[1].Cache.TryGet<string>("key 99", out _));
        Assert.Empty(await nodes[1].Cache.GetManyAsync<string>([]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await nodes[1].Cache.GetManyAsync<string>([null!]));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await nodes[1].Cache.GetManyAsync<string>(null!));
    }

    [Fact]
    public async Task Many_keys_each_live_as_long_as_their_own_policy_says()
    {
        using var nodes = new Nodes(configure: options =>
            options.AddPolicy("short", policy => policy.LocalExpiration = TimeSpan.FromSeconds(10), keyPrefix: "short:")
        );
        await nodes[0].Cache.SetAsync("short:1", "a");
        await nodes[0].Cache.SetAsync("other", "b");
        Assert.Equal(2, (await nodes[1].Cache.GetManyAsync<string>(["short:1", "other"])).Count);
        nodes.Advance(TimeSpan.FromSeconds(11));
        Assert.False(nodes[1].Cache.TryGet<string>("short:1", out _));
        Assert.True(nodes[1].Cache.TryGet<string>("other", out _));
    }

    [Fact]
    public async Task Many_keys_that_are_due_are_served_where_there_is_nothing_to_replace_them_with()
    {
        using var node = new Node(configure: options =>
            (options.RefreshAhead, options.StaleWhileRevalidate) = (0.5, TimeSpan.FromSeconds(10))
        );
        await node.Cache.SetAsync("key", "value", new() { Expiration = TimeSpan.FromSeconds(10) });
        node.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("value", (await node.Cache.GetManyAsync<string>(["key"]))["key"]);
        node.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("value", (await node.Cache.GetManyAsync<string>(["key"]))["key"]);
        node.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(await node.Cache.GetManyAsync<string>(["key"]));
    }

    [Fact]
    public async Task Many_keys_never_bring_back_what_is_removed_while_they_are_read()
    {
        using var nodes = new Nodes();
        string[] others = [.. Enumerable.Range(0, 16).Select(index => $"other {index}")];
        foreach (var key in (string[])["one", .. others])
        {
            await nodes[0].Cache.SetAsync(key, "old");
        }

        nodes.Link(1).Delivery = InMemoryDelivery.Manual;
        var many = nodes[1].Cache.GetManyAsync<string>(["one", .. others]).AsTask();
        Nodes.Inline(() => nodes.Link(1).DeliverOperation()); // it is read, and the answer on its way
        await nodes[0].Cache.RemoveAsync("one");
        Nodes.Inline(() => nodes.Link(1).Delivery = InMemoryDelivery.Immediate);
        await many.WaitAsync(Patience);
        Assert.False(nodes[1].Cache.TryGet<string>("one", out _));
        // Keys are fenced by stripes: with the secret of a process one of them may share the stripe of what was removed.
        Assert.Contains(others, key => nodes[1].Cache.TryGet<string>(key, out _));
    }

    [Fact]
    public async Task A_look_that_is_cancelled_hurts_nobody()
    {
        using var nodes = new Nodes();
        await nodes[0].Cache.SetAsync("key", "value");
        nodes.Link(1).Delivery = InMemoryDelivery.Manual;
        using var impatience = new CancellationTokenSource();
        var many = nodes[1].Cache.GetManyAsync<string>(["key", "other"], impatience.Token).AsTask();
        var patient = nodes[1].Cache.GetAsync<string>("key").AsTask();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many.WaitAsync(Patience));
        Nodes.Inline(() => nodes.Link(1).Delivery = InMemoryDelivery.Immediate);
        Assert.Equal("value", (await patient.WaitAsync(Patience)).Value);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await nodes[1].Cache.GetManyAsync<string>(["key"], new CancellationToken(true))
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await nodes[1].Cache.GetAsync<string>("key", new CancellationToken(true))
        );
    }

    [Fact]
    public async Task An_explanation_follows_a_key_through_its_life()
    {
        using var nodes = new Nodes(1, options => options.StaleIfError = TimeSpan.FromSeconds(5));
        var node = nodes[0];
        Assert.Contains("never stored", node.Cache.Explain("key").Summary, StringComparison.Ordinal);
        Assert.Contains("never cached", node.Cache.Explain(" ").Summary, StringComparison.Ordinal);

        var source = new SuspendedSource<string>();
        var call = node
            .Cache.GetOrCreateAsync("key", source.LoadAsync, new() { Expiration = TimeSpan.FromSeconds(10) }, ["red", "blue"])
            .AsTask();
        Assert.Equal(1, node.Cache.Explain("key").RunningLoads);
        source.Answer("value");
        await call.WaitAsync(Patience);
        await nodes.SettleAsync();
        nodes.Advance(TimeSpan.FromSeconds(4));
        var served = node.Cache.Explain("key");
        Assert.True(
            served is { IsServedFromMemory: true, IsStale: false, RunningLoads: 0, IsMemoryConfirmed: true, IsDistributedTierAsked: true }
        );
        Assert.Equal((TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6)), (served.Age, served.TimeLeft));
        Assert.Equal(["blue", "red"], served.Tags.Order());
        Assert.Equal(("key", ""), (served.Key, served.Region));

        nodes.Advance(TimeSpan.FromSeconds(7));
        var stale = node.Cache.Explain("key");
        Assert.True(stale is { IsServedFromMemory: false, IsStale: true });
        Assert.Contains("expired", stale.Summary, StringComparison.Ordinal);
        await node.Cache.RemoveByTagAsync("red");
        Assert.Contains("tag", node.Cache.Explain("key").Summary, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await node.Cache.GetOrCreateAsync<string>("key", _ => throw new InvalidDataException())
        );
        Assert.Equal(nameof(InvalidDataException), node.Cache.Explain("key").RecentFailure);
    }

    [Fact]
    public async Task A_policy_is_found_by_the_longest_prefix_of_the_key_or_by_its_name()
    {
        using var node = new Node(configure: options =>
            options
                .AddPolicy("products", policy => (policy.Expiration, policy.Jitter) = (TimeSpan.FromSeconds(10), 0), "product:")
                .AddPolicy("prices", policy => (policy.Expiration, policy.Jitter) = (TimeSpan.FromSeconds(1), 0), "product:price:")
                .AddPolicy("named", policy => (policy.Expiration, policy.Jitter) = (TimeSpan.FromSeconds(5), 0))
        );
        await node.GetAsync("product:1", "v");
        await node.GetAsync("product:price:1", "v");
        await node.GetAsync("other", "v");
        await node.GetAsync("product:asked", "v", new HybridCacheEntryOptions { Expiration = TimeSpan.FromSeconds(3) });
        await node.Cache.GetOrCreateAsync<int, string>("by name", 0, static (_, _, _) => new("v"), policy: "named");
        Assert.Equal(TimeSpan.FromSeconds(10), node.Cache.Explain("product:1").TimeLeft);
        Assert.Equal(TimeSpan.FromSeconds(1), node.Cache.Explain("product:price:1").TimeLeft);
        Assert.Equal(TimeSpan.FromMinutes(5), node.Cache.Explain("other").TimeLeft);
        Assert.Equal(TimeSpan.FromSeconds(3), node.Cache.Explain("product:asked").TimeLeft);
        Assert.Equal(TimeSpan.FromSeconds(5), node.Cache.Explain("by name").TimeLeft);
        var thrown = await Assert.ThrowsAsync<ArgumentException>(async () =>
            await node.Cache.GetOrCreateAsync<int, string>("unknown", 0, static (_, _, _) => new("v"), policy: "nobody")
        );
        Assert.Contains("'nobody'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("prices", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_holds_no_more_bytes_than_it_may()
    {
        using var node = new Node(configure: options =>
        {
            options.MaximumBytes = 200_000;
            options.Weigh = static value => value is string text ? 2 * text.Length : 0;
        });
        for (var index = 0; index < 200; index++)
        {
            await node.GetAsync($"copied {index}", new byte[10_000]);
            await node.GetAsync($"shared {index}", new string('x', 5_000));
        }

        Assert.InRange(node.Cache.Engine.LocalBytes, 1, 200_000);
        Assert.InRange(node.Cache.Engine.LocalCount, 1, 20);
    }

    [Fact]
    public async Task With_the_least_frequently_used_a_scan_does_not_drive_out_what_is_read_often()
    {
        using var node = new Node(configure: options => (options.Eviction, options.Capacity) = (EvictionPolicy.Lfu, 100));
        for (var round = 0; round < 20; round++)
        {
            for (var index = 0; index < 50; index++)
            {
                await node.GetAsync($"often {index}", "v");
            }
        }

        for (var index = 0; index < 1_000; index++)
        {
            await node.GetAsync($"once {index}", "v");
        }

        Assert.True(
            SpinWait.SpinUntil(() => node.Cache.Engine.LocalCount <= 100 + 128, Patience),
            $"{node.Cache.Engine.LocalCount} entries of 100, and a write buffer of 128"
        );
        Assert.InRange(Enumerable.Range(0, 50).Count(index => node.Cache.TryGet<string>($"often {index}", out _)), 35, 50);
    }
}
