using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Tests;

public sealed class LoadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_hundred_callers_of_a_cold_key_share_one_load()
    {
        using var node = new Node();
        var source = new SuspendedSource<string>();
        var callers = Enumerable
            .Range(0, 100)
            .Select(_ => Task.Run(() => node.Cache.GetOrCreateAsync("key", source.LoadAsync).AsTask()))
            .ToArray();
        source.Answer("value");
        Assert.All(await Task.WhenAll(callers).WaitAsync(Patience), value => Assert.Equal("value", value));
        Assert.Equal(1, source.Runs);
    }

    [Fact]
    public async Task A_failed_load_is_shared_by_its_waiters_and_given_to_others_for_the_backoff()
    {
        using var node = new Node();
        var source = new SuspendedSource<string>();
        var callers = Enumerable.Range(0, 100).Select(_ => node.Cache.GetOrCreateAsync("key", source.LoadAsync).AsTask()).ToArray();
        source.Fail(new TimeoutException("source"));
        foreach (var caller in callers)
        {
            Assert.Equal("source", (await Assert.ThrowsAsync<TimeoutException>(() => caller.WaitAsync(Patience))).Message);
        }

        node.Time.Advance(TimeSpan.FromMilliseconds(999));
        await Assert.ThrowsAsync<TimeoutException>(async () => await node.GetAsync("key", "too early"));
        Assert.Equal(nameof(TimeoutException), node.Cache.Explain("key").RecentFailure);
        Assert.Equal("other", await node.GetAsync("other key", "other"));
        node.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("later", await node.GetAsync("key", "later"));
        Assert.Equal(1, source.Runs);
    }

    [Fact]
    public async Task A_removal_a_set_and_the_removal_of_a_tag_each_end_the_backoff()
    {
        using var node = new Node();
        await FailAsync("removed");
        await node.Cache.RemoveAsync("removed");
        Assert.Equal("new", await node.GetAsync("removed", "new"));

        await FailAsync("set");
        await node.Cache.SetAsync("set", "set");
        Assert.Equal("set", await node.GetAsync("set", "new"));

        await FailAsync("tagged", "tag");
        await node.Cache.RemoveByTagAsync("another tag");
        await Assert.ThrowsAsync<InvalidDataException>(async () => await node.GetAsync("tagged", "too early"));
        await node.Cache.RemoveByTagAsync("tag");
        Assert.Equal("new", await node.GetAsync("tagged", "new"));

        async Task FailAsync(string key, params string[] tags)
        {
            await Assert.ThrowsAsync<InvalidDataException>(async () =>
                await node.Cache.GetOrCreateAsync<string>(key, _ => throw new InvalidDataException(), tags: tags)
            );
            await Assert.ThrowsAsync<InvalidDataException>(async () => await node.GetAsync(key, "too early"));
        }
    }

    [Fact]
    public async Task Without_a_backoff_the_next_caller_loads_again_at_once()
    {
        using var node = new Node(configure: options => options.FailureBackoff = TimeSpan.Zero);
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await node.Cache.GetOrCreateAsync<string>("key", _ => throw new InvalidDataException())
        );
        Assert.Equal("later", await node.GetAsync("key", "later"));
    }

    [Fact]
    public async Task More_failures_than_are_remembered_cost_loads_and_nothing_else()
    {
        using var node = new Node();
        for (var index = 0; index < 2_000; index++)
        {
            await Assert.ThrowsAsync<InvalidDataException>(async () =>
                await node.Cache.GetOrCreateAsync<string>($"key {index}", _ => throw new InvalidDataException())
            );
        }

        await Assert.ThrowsAsync<InvalidDataException>(async () => await node.GetAsync("key 1999", "too early"));
        Assert.Equal("later", await node.GetAsync("key 0", "later"));
    }

    [Fact]
    public async Task A_factory_that_throws_before_it_awaits_fails_only_the_call()
    {
        using var node = new Node();
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await node.Cache.GetOrCreateAsync<string>("key", _ => throw new InvalidDataException())
        );
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("later", await node.GetAsync("key", "later"));
    }

    [Fact]
    public async Task The_first_caller_may_cancel_without_hurting_the_others()
    {
        using var node = new Node();
        var source = new SuspendedSource<string>();
        using var impatience = new CancellationTokenSource();
        var first = node.Cache.GetOrCreateAsync("key", source.LoadAsync, cancellationToken: impatience.Token).AsTask();
        using var unused = new CancellationTokenSource();
        var others = Enumerable
            .Range(0, 99)
            .Select(_ => node.Cache.GetOrCreateAsync("key", source.LoadAsync, cancellationToken: unused.Token).AsTask())
            .ToArray();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Patience));
        Assert.False(source.Token.IsCancellationRequested);
        source.Answer("value");
        Assert.All(await Task.WhenAll(others).WaitAsync(Patience), value => Assert.Equal("value", value));
        Assert.Equal(1, source.Runs);
    }

    [Fact]
    public async Task When_the_last_caller_has_left_the_load_is_cancelled_and_a_newcomer_starts_another()
    {
        using var node = new Node();
        var abandoned = new SuspendedSource<string>();
        using var impatience = new CancellationTokenSource();
        var caller = node.Cache.GetOrCreateAsync("key", abandoned.LoadAsync, cancellationToken: impatience.Token).AsTask();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.WaitAsync(Patience));
        Assert.True(abandoned.Token.IsCancellationRequested);
        Assert.Equal("new", await node.GetAsync("key", "new"));
    }

    [Fact]
    public async Task An_abandoned_load_that_ends_all_the_same_is_not_stored_over_a_removal()
    {
        using var node = new Node();
        var answer = new TaskCompletionSource<string>();
        using var impatience = new CancellationTokenSource();
        var caller = node.Cache.GetOrCreateAsync("key", async _ => await answer.Task, cancellationToken: impatience.Token).AsTask();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.WaitAsync(Patience));
        await node.Cache.RemoveAsync("key");
        answer.SetResult("old");
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_runs_nothing()
    {
        using var node = new Node();
        var source = new SuspendedSource<string>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await node.Cache.GetOrCreateAsync("key", source.LoadAsync, cancellationToken: new CancellationToken(true))
        );
        Assert.Equal(0, source.Runs);
    }

    [Fact]
    public async Task A_factory_that_asks_for_its_own_key_is_told_so_instead_of_waiting_for_ever()
    {
        using var node = new Node();
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            node
                .Cache.GetOrCreateAsync(
                    "self",
                    async _ =>
                    {
                        await Task.Yield();
                        return await node.PeekAsync("self");
                    }
                )
                .AsTask()
                .WaitAsync(Patience)
        );
        Assert.Contains("'self'", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(
            "inner/outer",
            await node.Cache.GetOrCreateAsync("outer", async _ => await node.GetAsync("inner", "inner") + "/outer")
        );
    }

    [Fact]
    public async Task Async_locals_of_the_caller_flow_into_the_factory()
    {
        using var node = new Node(new ScriptedDistributedCache(TimeProvider.System));
        using var cancellable = new CancellationTokenSource();
        var local = new AsyncLocal<string> { Value = "mine" };
        Assert.Equal(
            "mine",
            await node.Cache.GetOrCreateAsync(
                "key",
                async _ =>
                {
                    await Task.Yield();
                    return local.Value!;
                },
                cancellationToken: cancellable.Token
            )
        );
    }

    [Fact]
    public async Task A_null_is_cached()
    {
        using var node = new Node();
        Assert.Null(await node.GetAsync<string?>("key", null));
        Assert.Null(await node.GetAsync<string?>("key", "loaded again"));
        Assert.True(node.Cache.TryGet<string?>("key", out var value));
        Assert.Null(value);
    }

    [Fact]
    public async Task A_null_of_a_type_that_is_copied_is_cached_in_both_tiers()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        using var node = new Node(tier);
        using var other = new Node(tier);
        Assert.Null(await node.GetAsync<Mutable?>("key", null));
        Assert.Null(await node.GetAsync<Mutable?>("key", new Mutable()));
        Assert.Null(await other.GetAsync<Mutable?>("key", new Mutable()));
    }

    [Fact]
    public async Task Two_types_under_one_key_are_misses_of_each_other_and_never_an_exception()
    {
        using var node = new Node();
        Assert.Equal("text", await node.GetAsync("key", "text"));
        Assert.Equal(7, await node.GetAsync("key", 7));
        Assert.Equal(7, await node.GetAsync("key", 8));
        Assert.False(node.Cache.TryGet<string>("key", out _));
        Assert.Equal("again", await node.GetAsync("key", "again"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \t")]
    public async Task A_blank_key_is_loaded_every_time(string key)
    {
        using var node = new Node();
        await node.Cache.SetAsync(key, "set");
        Assert.Equal("one", await node.GetAsync(key, "one"));
        Assert.Equal("two", await node.GetAsync(key, "two"));
        Assert.Equal(0, node.Cache.Engine.LocalCount);
        await node.Cache.RemoveAsync(key);
    }

    [Fact]
    public async Task A_key_over_the_limit_is_loaded_every_time()
    {
        using var node = new Node(configure: options => options.MaximumKeyLength = 10);
        Assert.Equal("one", await node.GetAsync("12345678901", "one"));
        Assert.Equal("two", await node.GetAsync("12345678901", "two"));
        Assert.Equal("one", await node.GetAsync("1234567890", "one"));
        Assert.Equal("one", await node.GetAsync("1234567890", "two"));
    }

    [Fact]
    public async Task A_null_key_or_factory_is_an_argument_error()
    {
        using var node = new Node();
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await node.GetAsync(null!, ""));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await node.Cache.RemoveAsync((string)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await node.Cache.SetAsync(null!, ""));
        await Assert.ThrowsAsync<ArgumentNullException>(async () =>
            await node.Cache.GetOrCreateAsync<int, string>("key", 0, (Func<int, CancellationToken, ValueTask<string>>)null!)
        );
    }

    [Fact]
    public async Task A_load_that_runs_while_the_cache_is_disposed_returns_and_new_calls_are_refused()
    {
        var node = new Node();
        var source = new SuspendedSource<string>();
        var caller = node.Cache.GetOrCreateAsync("key", source.LoadAsync).AsTask();
        node.Dispose();
        source.Answer("value");
        Assert.Equal("value", await caller.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.PeekAsync("key"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.RemoveAsync("key"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.SetAsync("key", ""));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Cache.RemoveByTagAsync("tag"));
    }

    [Fact]
    public async Task The_flags_of_a_call_choose_the_tiers_it_reads_and_writes()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        using var node = new Node(tier);
        await node.GetAsync("memory", "1", With(HybridCacheEntryFlags.DisableDistributedCache));
        Assert.DoesNotContain("a8:v:memory", tier.Keys);
        Assert.Equal("1", await node.PeekAsync("memory"));

        await node.GetAsync("tier", "1", With(HybridCacheEntryFlags.DisableLocalCache));
        await node.Cache.DrainAsync();
        Assert.Contains("a8:v:tier", tier.Keys);
        Assert.False(node.Cache.TryGet<string>("tier", out _));

        Assert.Equal("2", await node.GetAsync("memory", "2", With(HybridCacheEntryFlags.DisableLocalCacheRead)));
        Assert.Equal("2", await node.PeekAsync("memory"));
        Assert.Equal("2", await node.GetAsync("tier", "2", With(HybridCacheEntryFlags.DisableDistributedCacheRead)));

        Assert.Null(await node.GetAsync<string?>("cold", "loaded", With(HybridCacheEntryFlags.DisableUnderlyingData)));
        Assert.Equal("loaded", await node.PeekAsync("cold", "loaded"));
        Assert.Equal("loaded", await node.GetAsync<string?>("cold", "other", With(HybridCacheEntryFlags.DisableUnderlyingData)));
    }

    [Fact]
    public async Task Memory_holds_no_more_than_its_capacity()
    {
        using var node = new Node(configure: options => options.Capacity = 30);
        for (var index = 0; index < 1000; index++)
        {
            await node.GetAsync($"key {index}", "value");
        }

        Assert.InRange(node.Cache.Engine.LocalCount, 10, 31);
    }

    private static HybridCacheEntryOptions With(HybridCacheEntryFlags flags) => new() { Flags = flags };
}
