using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Tests;

/// <summary>What policies let be served beside what is fresh, and what they never do.</summary>
public sealed class StalenessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly HybridCacheEntryOptions TenSeconds = new() { Expiration = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task A_sliding_entry_lives_as_long_as_it_is_read_and_no_longer_than_its_time()
    {
        using var node = new Node(configure: options => options.SlidingExpiration = TimeSpan.FromSeconds(4));
        await node.GetAsync("read", "old", TenSeconds);
        await node.GetAsync("unread", "old", TenSeconds);
        for (var second = 0; second < 9; second += 3)
        {
            node.Time.Advance(TimeSpan.FromSeconds(3));
            Assert.Equal("old", await node.PeekAsync("read"));
        }

        Assert.False(node.Cache.TryGet<string>("unread", out _));
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await node.PeekAsync("read", "new"));
    }

    [Fact]
    public async Task An_entry_is_refreshed_ahead_of_its_end_by_one_load_that_nobody_waits_for()
    {
        using var node = new Node(configure: options => options.RefreshAhead = 0.8);
        await node.GetAsync("key", "old", TenSeconds);
        node.Time.Advance(TimeSpan.FromMilliseconds(7_999));
        var source = new SuspendedSource<string>();
        Assert.Equal("old", await node.Cache.GetOrCreateAsync("key", source.LoadAsync, TenSeconds));
        Assert.Equal(0, source.Runs);
        node.Time.Advance(TimeSpan.FromMilliseconds(1));
        for (var caller = 0; caller < 100; caller++)
        {
            var call = node.Cache.GetOrCreateAsync("key", source.LoadAsync, TenSeconds);
            Assert.True(call.IsCompletedSuccessfully);
            Assert.Equal("old", await call);
        }

        Assert.True(SpinWait.SpinUntil(() => source.Runs == 1, Patience));
        source.Answer("new");
        Assert.True(SpinWait.SpinUntil(() => node.Cache.TryGet<string>("key", out var value) && value == "new", Patience));
        node.Time.Advance(TimeSpan.FromSeconds(7)); // a whole term of its own
        Assert.Equal("new", await node.PeekAsync("key"));
        Assert.Equal(1, source.Runs);
    }

    [Fact]
    public async Task A_removal_during_a_refresh_is_not_undone_by_it()
    {
        using var node = new Node(configure: options => options.RefreshAhead = 0.5);
        await node.GetAsync("key", "old", TenSeconds);
        node.Time.Advance(TimeSpan.FromSeconds(6));
        var source = new SuspendedSource<string>();
        await node.Cache.GetOrCreateAsync("key", source.LoadAsync, TenSeconds);
        Assert.True(SpinWait.SpinUntil(() => source.Runs == 1, Patience));
        await node.Cache.RemoveAsync("key");
        source.Answer("older than the removal");
        Assert.Equal("new", await node.PeekAsync("key", "new"));
        Assert.True(SpinWait.SpinUntil(() => node.Cache.Explain("key").RunningLoads == 0, Patience));
        Assert.Equal("new", await node.PeekAsync("key"));
    }

    [Fact]
    public async Task A_stale_value_is_served_at_once_while_it_is_replaced_and_only_so_long()
    {
        using var node = new Node(configure: options => options.StaleWhileRevalidate = TimeSpan.FromSeconds(5));
        await node.GetAsync("key", "old", TenSeconds);
        node.Time.Advance(TimeSpan.FromSeconds(12));
        var source = new SuspendedSource<string>();
        var result = await node.Cache.GetOrCreateResultAsync("key", source, static (source, token) => source.LoadAsync(token), TenSeconds);
        Assert.Equal(new CacheResult<string>(CacheTier.Memory, "old", TimeSpan.FromSeconds(12), IsStale: true), result);
        Assert.True(SpinWait.SpinUntil(() => source.Runs == 1, Patience));
        source.Answer("new");
        Assert.True(SpinWait.SpinUntil(() => node.Cache.TryGet<string>("key", out var value) && value == "new", Patience));

        node.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal("newest", await node.GetAsync("key", "newest", TenSeconds));
    }

    [Fact]
    public async Task A_stale_value_is_served_when_its_load_fails_until_its_time_is_over()
    {
        using var node = new Node(configure: options => options.StaleIfError = TimeSpan.FromSeconds(20));
        await node.GetAsync("key", "old", TenSeconds);
        node.Time.Advance(TimeSpan.FromSeconds(11));
        var loads = 0;
        Assert.Equal("old", await FailAsync());
        Assert.Equal("old", await FailAsync()); // within the back-off: not even asked
        Assert.Equal(1, loads);
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("old", await FailAsync());
        Assert.Equal(2, loads);
        node.Time.Advance(TimeSpan.FromSeconds(18));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await FailAsync());
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await node.PeekAsync("key", "new"));

        ValueTask<string> FailAsync() =>
            node.Cache.GetOrCreateAsync<string>(
                "key",
                async _ =>
                {
                    loads++;
                    await Task.Yield();
                    throw new InvalidDataException();
                },
                TenSeconds
            );
    }

    [Theory]
    [InlineData("remove")]
    [InlineData("tag")]
    [InlineData("everything")]
    public async Task Stale_if_error_never_revives_what_was_removed_even_while_its_load_runs(string how)
    {
        using var nodes = new Nodes(
            2,
            options => (options.StaleIfError, options.StaleWhileRevalidate) = (TimeSpan.FromHours(1), TimeSpan.Zero)
        );
        await nodes[0].GetAsync("key", "old", TenSeconds, ["tag"]);
        await nodes[0].GetAsync("early", "old", TenSeconds, ["tag"]);
        nodes.Advance(TimeSpan.FromSeconds(11));
        var source = new SuspendedSource<string>();
        var during = nodes[0].Cache.GetOrCreateAsync("key", source.LoadAsync, TenSeconds, ["tag"]).AsTask();
        foreach (var key in new[] { "key", "early" })
        {
            await (
                how switch
                {
                    "remove" => nodes[1].Cache.RemoveAsync(key),
                    "tag" => nodes[1].Cache.RemoveByTagAsync("tag"),
                    _ => nodes[1].Cache.RemoveByTagAsync("*"),
                }
            );
        }

        source.Fail(new InvalidDataException());
        await Assert.ThrowsAsync<InvalidDataException>(() => during.WaitAsync(Patience));
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await nodes[0].Cache.GetOrCreateAsync<string>("early", _ => throw new InvalidDataException(), TenSeconds, ["tag"])
        );
    }

    [Fact]
    public async Task A_slow_load_is_answered_with_the_stale_value_and_goes_on()
    {
        using var node = new Node(configure: options =>
            (options.StaleIfError, options.SoftLoadTimeout) = (TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100))
        );
        await node.GetAsync("key", "old", TenSeconds);
        node.Time.Advance(TimeSpan.FromSeconds(11));
        var source = new SuspendedSource<string>();
        var call = node.Cache.GetOrCreateAsync("key", source.LoadAsync, TenSeconds).AsTask();
        node.Time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(call.IsCompleted);
        node.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("old", await call.WaitAsync(Patience));
        Assert.False(source.Token.IsCancellationRequested);
        source.Answer("new");
        Assert.True(SpinWait.SpinUntil(() => node.Cache.TryGet<string>("key", out var value) && value == "new", Patience));
        Assert.Equal(1, source.Runs);
    }

    [Fact]
    public async Task A_slow_load_of_a_value_that_was_removed_is_waited_for()
    {
        using var node = new Node(configure: options =>
            (options.StaleIfError, options.SoftLoadTimeout) = (TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100))
        );
        await node.GetAsync("key", "old", TenSeconds, ["tag"]);
        node.Time.Advance(TimeSpan.FromSeconds(11));
        var source = new SuspendedSource<string>();
        var call = node.Cache.GetOrCreateAsync("key", source.LoadAsync, TenSeconds, ["tag"]).AsTask();
        await node.Cache.RemoveByTagAsync("tag");
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(call.IsCompleted);
        source.Answer("loaded");
        Assert.Equal("loaded", await call.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_load_says_how_long_its_value_lives_and_which_tags_it_bears()
    {
        using var nodes = new Nodes();
        for (var round = 0; round < 2; round++) // from the second load on the tier has it, too
        {
            await nodes[0].Cache.RemoveAsync("key");
            Assert.Equal(
                "old",
                await LoadAsync(
                    nodes[0],
                    "old",
                    context =>
                    {
                        context.Expiration = TimeSpan.FromSeconds(3);
                        context.Tags = ["said by the load"];
                    }
                )
            );
            await nodes.SettleAsync();
            nodes.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Contains("a8:v:key", nodes.Server.Names);
        Assert.Equal("old", await nodes[1].PeekAsync("key"));
        await nodes[1].Cache.RemoveByTagAsync("said by the load");
        Assert.Equal("new", await LoadAsync(nodes[0], "new", context => context.Expiration = TimeSpan.FromSeconds(3)));
        nodes.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("newer", await LoadAsync(nodes[0], "newer", context => context.LocalExpiration = TimeSpan.FromSeconds(1)));
        nodes.Advance(TimeSpan.FromSeconds(1));
        Assert.False(nodes[0].Cache.TryGet<string>("key", out _));
        Assert.Equal("newer", await nodes[0].PeekAsync("key"));
        await nodes[0].Cache.RemoveAsync("key");
        await LoadAsync(nodes[0], "not kept", context => context.Expiration = TimeSpan.Zero);
        Assert.Equal("newest", await nodes[0].PeekAsync("key", "newest"));
    }

    [Fact]
    public async Task A_tag_that_a_load_learns_and_that_is_removed_during_it_counts()
    {
        using var node = new Node();
        var answer = new TaskCompletionSource<string>();
        var call = node
            .Cache.GetOrCreateAsync<int, string>(
                "key",
                0,
                async (context, _, _) =>
                {
                    context.Tags = ["tag"];
                    return await answer.Task;
                }
            )
            .AsTask();
        await node.Cache.RemoveByTagAsync("tag");
        answer.SetResult("old");
        Assert.Equal("old", await call.WaitAsync(Patience));
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Fact]
    public async Task A_source_that_says_not_modified_gives_the_value_another_term()
    {
        using var node = new Node(configure: options =>
            (options.Expiration, options.StaleIfError) = (TimeSpan.FromSeconds(10), TimeSpan.FromHours(1))
        );
        var modified = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await LoadAsync(
            node,
            "old",
            context =>
            {
                Assert.False(context.HasStale);
                Assert.Throws<InvalidOperationException>(() => context.NotModified());
                (context.ETag, context.LastModified) = ("\"1\"", modified);
            }
        );
        for (var round = 0; round < 3; round++)
        {
            node.Time.Advance(TimeSpan.FromSeconds(11));
            var loaded = await node.Cache.GetOrCreateAsync<int, string>(
                "key",
                0,
                (context, _, _) =>
                {
                    Assert.True(context.HasStale);
                    Assert.Equal(("\"1\"", modified), (context.ETag, context.LastModified));
                    return new(context.NotModified());
                }
            );
            Assert.Equal("old", loaded);
            Assert.True(node.Cache.TryGet<string>("key", out _));
        }

        await node.Cache.RemoveAsync("key");
        await LoadAsync(node, "new", context => Assert.False(context.HasStale)); // what was removed cannot be confirmed
    }

    private static ValueTask<string> LoadAsync(Node node, string value, Action<CacheLoadContext<string>> say) =>
        node.Cache.GetOrCreateAsync<(string, Action<CacheLoadContext<string>>), string>(
            "key",
            (value, say),
            static (context, state, _) =>
            {
                state.Item2(context);
                return new(state.Item1);
            }
        );
}
