using Autom8.Caching.Testing;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Caching.Tests.Ladder;

/// <summary>Where caches break, one node: each row of the ladder is a test with the answer it must give. See <see cref="LadderAcrossNodesTests"/> for the rows that take two.</summary>
public sealed class LadderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public enum Tier
    {
        None,
        Distributed,
        Shared,
    }

    public static TheoryData<Tier> Tiers => [Tier.None, Tier.Distributed, Tier.Shared];

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task Remove_during_a_load_then_a_read_is_fresh(Tier tier)
    {
        using var node = NewNode(tier);
        var old = new SuspendedSource<string>();
        var early = Begun(node.Cache.GetOrCreateAsync("key", old.LoadAsync), old);
        await node.Cache.RemoveAsync("key");
        old.Answer("old");
        Assert.Equal("old", await early.WaitAsync(Patience));
        await node.Cache.DrainAsync();
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_reader_arriving_after_a_remove_while_the_old_load_runs_gets_a_load_of_its_own(Tier tier)
    {
        using var node = NewNode(tier);
        var old = new SuspendedSource<string>();
        var early = Begun(node.Cache.GetOrCreateAsync("key", old.LoadAsync), old);
        await node.Cache.RemoveAsync("key");
        Assert.Equal("new", await node.PeekAsync("key", "new").AsTask().WaitAsync(Patience));
        old.Answer("old");
        Assert.Equal("old", await early.WaitAsync(Patience));
        await node.Cache.DrainAsync();
        Assert.Equal("new", await node.PeekAsync("key"));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task Remove_by_tag_during_a_load_then_a_read_is_fresh(Tier tier)
    {
        using var node = NewNode(tier);
        var old = new SuspendedSource<string>();
        var early = Begun(node.Cache.GetOrCreateAsync("key", old.LoadAsync, tags: ["tag"]), old);
        await node.Cache.RemoveByTagAsync("tag");
        old.Answer("old");
        Assert.Equal("old", await early.WaitAsync(Patience));
        await node.Cache.DrainAsync();
        Assert.Equal("new", await node.GetAsync("key", "new", tags: ["tag"]));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task Set_during_a_load_wins(Tier tier)
    {
        using var node = NewNode(tier);
        var old = new SuspendedSource<string>();
        var early = Begun(node.Cache.GetOrCreateAsync("key", old.LoadAsync), old);
        await node.Cache.SetAsync("key", "set");
        old.Answer("old");
        await early.WaitAsync(Patience);
        await node.Cache.DrainAsync();
        Assert.Equal("set", await node.PeekAsync("key"));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_factory_that_asks_for_its_own_key_through_another_is_told_which_key(Tier tier)
    {
        using var node = NewNode(tier);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            node
                .Cache.GetOrCreateAsync(
                    "itself",
                    async ct =>
                        await node.Cache.GetOrCreateAsync("between", async _ => await node.PeekAsync("itself"), cancellationToken: ct)
                )
                .AsTask()
                .WaitAsync(Patience)
        );
        Assert.Contains("'itself'", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_hung_factory_costs_its_second_caller_the_load_timeout_and_no_more(Tier tier)
    {
        using var node = NewNode(tier, options => options.LoadTimeout = TimeSpan.FromSeconds(5));
        var hung = new TaskCompletionSource<string>();
        var runs = 0;
        var first = node.Cache.GetOrCreateAsync("key", HangAsync).AsTask();
        var second = node.Cache.GetOrCreateAsync("key", HangAsync).AsTask();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) == 1, Patience));
        node.Time.Advance(TimeSpan.FromMilliseconds(4_999));
        Assert.False(first.IsCompleted || second.IsCompleted);
        node.Time.Advance(TimeSpan.FromMilliseconds(1));
        foreach (var caller in new[] { first, second })
        {
            var thrown = await Assert.ThrowsAsync<TimeoutException>(() => caller.WaitAsync(Patience));
            Assert.Contains("'key'", thrown.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, runs);
        node.Time.Advance(TimeSpan.FromSeconds(1)); // the back-off
        Assert.Equal("new", await node.PeekAsync("key", "new"));
        hung.SetResult("late");
        Assert.Equal("new", await node.PeekAsync("key"));

        async ValueTask<string> HangAsync(CancellationToken ignored)
        {
            Interlocked.Increment(ref runs);
            return await hung.Task;
        }
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_source_that_throws_is_asked_once_by_a_hundred_callers_and_then_left_alone_for_the_backoff(Tier tier)
    {
        using var node = NewNode(tier);
        var source = new SuspendedSource<string>();
        var callers = Enumerable.Range(0, 100).Select(_ => node.Cache.GetOrCreateAsync("key", source.LoadAsync).AsTask()).ToArray();
        source.Fail(new InvalidDataException("source"));
        foreach (var caller in callers)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => caller.WaitAsync(Patience));
        }

        await Assert.ThrowsAsync<InvalidDataException>(async () => await node.Cache.GetOrCreateAsync("key", source.LoadAsync));
        Assert.Equal(1, source.Runs);
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_first_caller_that_cancels_costs_no_second_load_and_no_other_failure(Tier tier)
    {
        using var node = NewNode(tier);
        var source = new SuspendedSource<string>();
        using var impatience = new CancellationTokenSource();
        var first = node.Cache.GetOrCreateAsync("key", source.LoadAsync, cancellationToken: impatience.Token).AsTask();
        var others = Enumerable.Range(0, 99).Select(_ => node.Cache.GetOrCreateAsync("key", source.LoadAsync).AsTask()).ToArray();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Patience));
        source.Answer("value");
        Assert.All(await Task.WhenAll(others).WaitAsync(Patience), value => Assert.Equal("value", value));
        Assert.Equal(1, source.Runs);
    }

    [Fact]
    public async Task A_frozen_tier_costs_one_deadline_of_a_hundred_milliseconds_and_then_nothing()
    {
        using var nodes = new Nodes(1);
        nodes.Link(0).Freeze();
        var first = nodes[0].GetAsync("cold", "value").AsTask();
        nodes[0].Time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(first.IsCompleted);
        nodes[0].Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("value", await first.WaitAsync(Patience));
        var calls = nodes.Link(0).Calls(SharedOperation.All);
        for (var index = 0; index < 100; index++)
        {
            var next = nodes[0].GetAsync($"next {index}", "value");
            Assert.True(next.IsCompletedSuccessfully); // not even a turn of the thread pool
            Assert.Equal("value", await next);
            Assert.Equal(InvalidationStatus.Pending, await nodes[0].Cache.InvalidateAsync($"next {index}"));
        }

        Assert.Equal(calls, nodes.Link(0).Calls(SharedOperation.All));
    }

    [Fact]
    public async Task A_tier_that_throws_on_remove_leaves_memory_without_the_value_and_the_removal_reported_and_queued()
    {
        using var nodes = new Nodes();
        await nodes[0].GetAsync("key", "old");
        Assert.Equal("old", await nodes[1].PeekAsync("key"));
        nodes.Link(0).FailNext(SharedOperation.Remove);
        Assert.Equal(InvalidationStatus.Pending, await nodes[0].Cache.InvalidateAsync("key"));
        Assert.False(nodes[0].Cache.TryGet<string>("key", out _));
        Assert.Equal(1, nodes[0].Cache.PendingInvalidations);
        Assert.True(nodes[0].Cache.Explain("key").IsInvalidationPending);
        Assert.Equal("new", await nodes[0].PeekAsync("key", "new")); // what the tier holds is not believed

        nodes.Advance(TimeSpan.FromSeconds(1)); // RetryInterval
        Assert.Equal(0, nodes[0].Cache.PendingInvalidations);
        Assert.Equal("new", await nodes[1].PeekAsync("key", "new"));
    }

    [Fact]
    public async Task A_value_of_an_older_shape_in_the_tier_is_a_miss_and_overwritten_and_so_the_other_way_round()
    {
        using var older = new Nodes(1, build: Schema("1"));
        var link = older.Server.Connect();
        using var newer = new Node(build: builder =>
        {
            builder.UseSharedCache(_ => link);
            Schema("2")(builder);
        });
        var loads = 0;
        Assert.Equal(1, (await older[0].Cache.GetOrCreateAsync("key", Load)).Number);
        Assert.Equal(2, (await newer.Cache.GetOrCreateAsync("key", Load)).Number);
        await newer.Cache.DrainAsync();
        var again = older.Server.Connect();
        using var third = new Node(build: builder =>
        {
            builder.UseSharedCache(_ => again);
            Schema("2")(builder);
        });
        Assert.Equal(2, (await third.Cache.GetOrCreateAsync("key", Load)).Number); // overwritten: no load

        await third.Cache.SetAsync("key", new Mutable { Number = 20 });
        Assert.Equal(3, (await older[0].Cache.GetOrCreateAsync("key", Load)).Number); // what a newer version wrote is a miss too
        Assert.Equal(3, loads);

        ValueTask<Mutable> Load(CancellationToken token) => new(new Mutable { Number = ++loads });

        static Action<CachingBuilder> Schema(string schema) =>
            builder => builder.Services.AddSingleton<IHybridCacheSerializer<Mutable>>(new VersionedSerializer(schema));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_users_key_that_looks_like_one_of_ours_collides_with_nothing(Tier tier)
    {
        using var node = NewNode(tier);
        await node.GetAsync("tagged", "old", tags: ["tag"]);
        string[] keys = ["a8:v:tagged", "a8:t:tag", "a8:t:*", "*", "tag", "message", "__MSFT_HCT__tag", "__fc:t:tag"];
        foreach (var key in keys)
        {
            await node.Cache.SetAsync(key, key);
            await node.Cache.RemoveAsync(key);
            await node.Cache.SetAsync(key, key);
        }

        Assert.Equal("old", await node.GetAsync("tagged", "new", tags: ["tag"]));
        await node.Cache.RemoveByTagAsync("tag");
        Assert.Equal("new", await node.GetAsync("tagged", "new", tags: ["tag"]));
        foreach (var key in keys)
        {
            Assert.Equal(key, await node.PeekAsync(key));
        }
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_time_of_zero_stores_nothing_a_negative_one_is_an_argument_error_and_the_longest_never_ends(Tier tier)
    {
        using var node = NewNode(tier);
        var zero = new HybridCacheEntryOptions { Expiration = TimeSpan.Zero };
        var negative = new HybridCacheEntryOptions { Expiration = TimeSpan.FromSeconds(-1) };
        var longest = new HybridCacheEntryOptions { Expiration = TimeSpan.MaxValue };
        Assert.Equal("one", await node.GetAsync("zero", "one", zero));
        Assert.Equal("two", await node.GetAsync("zero", "two", zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.GetAsync("negative", "", negative));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.Cache.SetAsync("negative", "", negative));
        await node.GetAsync("longest", "old", longest);
        await node.Cache.DrainAsync();
        node.Time.Advance(TimeSpan.FromHours(1)); // the default is five minutes
        Assert.Equal("old", await node.PeekAsync("longest"));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task One_key_of_two_types_is_a_miss_for_each_and_never_an_exception(Tier tier)
    {
        using var node = NewNode(tier);
        Assert.Equal("text", await node.GetAsync("key", "text"));
        Assert.Equal(7, await node.GetAsync("key", 7));
        Assert.Equal("again", await node.GetAsync("key", "again"));
        Assert.Equal("again", await node.PeekAsync("key"));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task Async_locals_flow_into_the_factory_of_a_caller_with_a_token(Tier tier)
    {
        using var node = NewNode(tier);
        using var cancellable = new CancellationTokenSource();
        var local = new AsyncLocal<string> { Value = "mine" };
        var seen = await node.Cache.GetOrCreateAsync(
            "key",
            async _ =>
            {
                await Task.Yield();
                return local.Value ?? "lost";
            },
            cancellationToken: cancellable.Token
        );
        Assert.Equal("mine", seen);
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_null_is_cached_for_as_long_as_its_policy_says(Tier tier)
    {
        using var node = NewNode(tier, options => options.NegativeExpiration = TimeSpan.FromSeconds(1));
        Assert.Null(await node.GetAsync<string?>("key", null));
        Assert.Null(await node.GetAsync<string?>("key", "too early"));
        await node.Cache.SetAsync<string?>("set", null);
        await node.Cache.DrainAsync();
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await node.GetAsync<string?>("key", "new"));
        Assert.Equal("new", await node.GetAsync<string?>("set", "new"));
    }

    [Theory]
    [InlineData(Tier.Distributed)]
    [InlineData(Tier.Shared)]
    public async Task A_value_of_three_megabytes_is_returned_and_kept_out_of_the_tier(Tier tier)
    {
        using var node = NewNode(tier);
        var large = new string('x', 3_000_000);
        Assert.Equal(large, await node.GetAsync("shared", large));
        Assert.Same(large, await node.PeekAsync("shared")); // memory holds a reference to it, nothing more
        Assert.Equal(3_000_000, (await node.GetAsync("copied", new byte[3_000_000])).Length);
        Assert.Single(await node.GetAsync("copied", new byte[1])); // a copy would have taken its bytes
        await node.Cache.DrainAsync();
        Assert.Equal(CacheTier.None, (await PastMemoryAsync(node, "shared")).Tier);
        await node.Cache.SetAsync("fits", new string('x', 1_000_000)); // compressed above CompressionThreshold
        Assert.Equal(CacheTier.Distributed, (await PastMemoryAsync(node, "fits")).Tier);
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task A_load_that_runs_at_disposal_returns_its_value_and_new_calls_are_refused(Tier tier)
    {
        var node = NewNode(tier);
        var source = new SuspendedSource<string>();
        var caller = Begun(node.Cache.GetOrCreateAsync("key", source.LoadAsync), source);
        node.Dispose();
        source.Answer("value");
        Assert.Equal("value", await caller.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.PeekAsync("key"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.GetAsync<string>("key"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.GetManyAsync<string>(["key"]));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.SetAsync("key", ""));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.RemoveAsync("key"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.RemoveByTagAsync("tag"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.BeginChangeAsync(["key"]));
    }

    [Fact]
    public async Task A_refresh_races_an_eviction_and_a_removal_and_the_removal_wins()
    {
        using var node = NewNode(Tier.Shared, options => (options.Capacity, options.RefreshAhead) = (3, 0.5));
        await node.GetAsync("key", "old", new() { Expiration = TimeSpan.FromSeconds(10) });
        node.Time.Advance(TimeSpan.FromSeconds(6));
        var refresh = new SuspendedSource<string>();
        Assert.Equal("old", await node.Cache.GetOrCreateAsync("key", refresh.LoadAsync, new() { Expiration = TimeSpan.FromSeconds(10) }));
        Assert.True(SpinWait.SpinUntil(() => refresh.Runs == 1, Patience));
        for (var index = 0; index < 30; index++)
        {
            await node.GetAsync($"filler {index}", "x");
        }

        Assert.False(node.Cache.TryGet<string>("key", out _)); // evicted while it was being refreshed
        await node.Cache.RemoveAsync("key");
        refresh.Answer("older than the removal");
        Assert.True(SpinWait.SpinUntil(() => node.Cache.Explain("key").RunningLoads == 0, Patience));
        await node.Cache.DrainAsync();
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    internal static Node NewNode(Tier tier, Action<CachingOptions>? configure = null)
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        return tier switch
        {
            Tier.Shared => new Node(time: time, configure: configure, build: Share),
            Tier.Distributed => new Node(new ScriptedDistributedCache(time), time, configure),
            _ => new Node(time: time, configure: configure),
        };

        void Share(CachingBuilder builder)
        {
            var link = new InMemorySharedCache(time).Connect();
            builder.UseSharedCache(_ => link);
        }
    }

    private static Task<string> Begun(ValueTask<string> call, SuspendedSource<string> source)
    {
        var caller = call.AsTask();
        Assert.True(SpinWait.SpinUntil(() => source.Runs == 1, Patience));
        return caller;
    }

    private static ValueTask<CacheResult<string>> PastMemoryAsync(Node node, string key) =>
        node.Cache.GetOrCreateResultAsync<int, string>(
            key,
            0,
            static (_, _) => throw new InvalidOperationException("There is no source."),
            new() { Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableUnderlyingData }
        );
}
