using FsCheck.Xunit;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Tests;

public sealed class ExpirationTests
{
    [Fact]
    public async Task An_entry_is_served_for_its_time_and_not_a_millisecond_longer()
    {
        using var node = new Node();
        await node.GetAsync("key", "old", For(TimeSpan.FromSeconds(10)));
        node.Time.Advance(TimeSpan.FromMilliseconds(9_999));
        Assert.Equal("old", await node.PeekAsync("key"));
        node.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Property(MaxTest = 50)]
    public async Task Jitter_shortens_and_never_lengthens(ushort seconds)
    {
        var asked = TimeSpan.FromSeconds(seconds + 1);
        using var node = new Node(configure: options => options.Jitter = 0.2);
        for (var index = 0; index < 20; index++)
        {
            await node.GetAsync($"loaded {index}", "old", For(asked));
            await node.Cache.SetAsync($"set {index}", "old", For(asked));
        }

        node.Time.Advance((asked * 0.8) - TimeSpan.FromMilliseconds(2));
        Assert.All(Keys(), key => Assert.True(node.Cache.TryGet<string>(key, out _)));
        node.Time.Advance((asked * 0.2) + TimeSpan.FromMilliseconds(2));
        Assert.All(Keys(), key => Assert.False(node.Cache.TryGet<string>(key, out _)));

        static IEnumerable<string> Keys() => Enumerable.Range(0, 20).SelectMany(index => new[] { $"loaded {index}", $"set {index}" });
    }

    [Fact]
    public async Task Entries_made_together_do_not_expire_together()
    {
        using var node = new Node(configure: options => options.Jitter = 0.5);
        for (var index = 0; index < 200; index++)
        {
            await node.GetAsync($"{index}", "old", For(TimeSpan.FromSeconds(100)));
        }

        node.Time.Advance(TimeSpan.FromSeconds(75));
        var alive = Enumerable.Range(0, 200).Count(index => node.Cache.TryGet<string>($"{index}", out _));
        Assert.InRange(alive, 50, 150); // binomial(200, 1/2): seven standard deviations
    }

    [Fact]
    public async Task Zero_stores_nothing_and_the_callers_still_share_one_load()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        using var node = new Node(tier);
        var source = new SuspendedSource<string>();
        var callers = Enumerable
            .Range(0, 10)
            .Select(_ => node.Cache.GetOrCreateAsync("key", source.LoadAsync, For(TimeSpan.Zero)).AsTask())
            .ToArray();
        source.Answer("one");
        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("one", value));
        Assert.Equal(1, source.Runs);
        Assert.Equal("two", await node.GetAsync("key", "two", For(TimeSpan.Zero)));
        Assert.DoesNotContain("a8:v:key", tier.Keys);
    }

    [Fact]
    public async Task Setting_with_zero_removes()
    {
        using var node = new Node(new ScriptedDistributedCache(TimeProvider.System));
        await node.Cache.SetAsync("key", "old");
        await node.Cache.SetAsync("key", "other", For(TimeSpan.Zero));
        Assert.Equal("new", await node.PeekAsync("key", "new"));
    }

    [Fact]
    public async Task Negative_is_an_argument_error_even_on_a_hit()
    {
        using var node = new Node();
        await node.GetAsync("key", "value");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.GetAsync("key", "", For(TimeSpan.FromTicks(-1))));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.GetAsync("cold", "", For(TimeSpan.MinValue)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await node.Cache.SetAsync("key", "", For(TimeSpan.FromTicks(-1)))
        );
    }

    [Fact]
    public async Task The_longest_time_is_for_ever_in_both_tiers()
    {
        var tier = new ScriptedDistributedCache(TimeProvider.System);
        using var node = new Node(tier, configure: options => options.Jitter = 0.5);
        await node.GetAsync("key", "old", For(TimeSpan.MaxValue));
        await node.Cache.DrainAsync();
        node.Time.Advance(TimeSpan.FromDays(200 * 365));
        Assert.Equal("old", await node.PeekAsync("key"));
        using var other = new Node(tier);
        Assert.Equal("old", await other.PeekAsync("key"));
    }

    [Fact]
    public async Task Memory_may_be_given_a_shorter_time_than_the_distributed_tier()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var tier = new ScriptedDistributedCache(time);
        using var node = new Node(tier, time);
        var options = new HybridCacheEntryOptions { Expiration = TimeSpan.FromSeconds(10), LocalCacheExpiration = TimeSpan.FromSeconds(4) };
        await node.GetAsync("key", "old", options);
        await node.Cache.DrainAsync();
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(node.Cache.TryGet<string>("key", out _));
        Assert.Equal("old", await node.GetAsync("key", "new", options));
        Assert.True(node.Cache.TryGet<string>("key", out _));
        time.Advance(TimeSpan.FromSeconds(6)); // a copy from the distributed tier lives no longer than the rest of its time
        Assert.Equal("new", await node.GetAsync("key", "new", options));
    }

    private static HybridCacheEntryOptions For(TimeSpan expiration) => new() { Expiration = expiration };
}
