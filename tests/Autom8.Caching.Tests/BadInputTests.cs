using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Autom8.Caching.Tests;

/// <summary>What is wrong is told at once and by its name, or is defined: the surface of <see cref="HybridCache"/> is as lenient as Microsoft's, the rest is strict.</summary>
public sealed class BadInputTests
{
    public static TheoryData<string, Action<CachingOptions>> WrongOptions =>
        new()
        {
            { "Capacity", options => options.Capacity = 2 },
            { "MaximumBytes", options => options.MaximumBytes = 1 },
            { "Eviction", options => options.Eviction = (EvictionPolicy)7 },
            { "Expiration", options => options.Expiration = TimeSpan.Zero },
            { "LocalExpiration", options => options.LocalExpiration = TimeSpan.Zero },
            { "SlidingExpiration", options => options.SlidingExpiration = TimeSpan.FromSeconds(-1) },
            { "Jitter", options => options.Jitter = double.NaN },
            { "RefreshAhead", options => options.RefreshAhead = 1.1 },
            { "NegativeExpiration", options => options.NegativeExpiration = TimeSpan.FromSeconds(-1) },
            { "StaleWhileRevalidate", options => options.StaleWhileRevalidate = TimeSpan.FromSeconds(-1) },
            { "StaleIfError", options => options.StaleIfError = TimeSpan.FromSeconds(-1) },
            { "LoadTimeout", options => options.LoadTimeout = TimeSpan.Zero },
            { "SoftLoadTimeout", options => options.SoftLoadTimeout = TimeSpan.Zero },
            { "FailureBackoff", options => options.FailureBackoff = TimeSpan.FromSeconds(-1) },
            { "MaximumPayloadBytes", options => options.MaximumPayloadBytes = 0 },
            { "CompressionThreshold", options => options.CompressionThreshold = 0 },
            { "MaximumKeyLength", options => options.MaximumKeyLength = 0 },
            { "Distributed:Timeout", options => options.Distributed.Timeout = TimeSpan.FromMinutes(2) },
            { "Distributed:MinimumTimeout", options => options.Distributed.MinimumTimeout = TimeSpan.FromSeconds(1) },
            { "Distributed:FailureThreshold", options => options.Distributed.FailureThreshold = 0 },
            { "Distributed:RetryInterval", options => options.Distributed.RetryInterval = TimeSpan.Zero },
            { "Distributed:MaxStaleness", options => options.Distributed.MaxStaleness = TimeSpan.FromMilliseconds(99) },
            { "Distributed:LeaseWait", options => options.Distributed.LeaseWait = TimeSpan.FromSeconds(-1) },
            { "Distributed:FenceLifetime", options => options.Distributed.FenceLifetime = TimeSpan.Zero },
            { "Distributed:TagVersionLifetime", options => options.Distributed.TagVersionLifetime = TimeSpan.Zero },
            { "policy 'named': Expiration", options => options.AddPolicy("named", policy => policy.Expiration = TimeSpan.Zero) },
        };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void A_wrong_option_is_named_when_the_cache_is_made(string name, Action<CachingOptions> make)
    {
        var services = new ServiceCollection();
        services.AddAutom8Caching(make);
        using var provider = services.BuildServiceProvider();
        var thrown = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<TieredCache>);
        Assert.Contains($"Autom8:Caching:{name} is ", thrown.Message, StringComparison.Ordinal);
        Assert.Single(thrown.Failures);
    }

    [Fact]
    public void All_wrong_options_are_told_at_once()
    {
        var services = new ServiceCollection();
        services.AddAutom8Caching(options => (options.Capacity, options.Jitter, options.LoadTimeout) = (0, 2, TimeSpan.Zero));
        using var provider = services.BuildServiceProvider();
        var thrown = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<TieredCache>);
        Assert.Equal(3, thrown.Failures.Count());
    }

    [Fact]
    public void A_wrong_option_of_a_region_is_named_with_the_region()
    {
        using var node = new Node(build: builder => builder.AddRegion<int, string>("products", options => options.Capacity = 1));
        var thrown = Assert.Throws<OptionsValidationException>(() => node.Region<int, string>("products"));
        Assert.Contains("Autom8:Caching:Regions:products:Capacity", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_region_whose_policy_nobody_has_added_says_so()
    {
        using var node = new Node(build: builder => builder.AddRegion<int, string>("products", options => options.Policy = "nobody"));
        Assert.Contains(
            "'nobody'",
            Assert.Throws<ArgumentException>(() => node.Region<int, string>("products")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_policy_needs_a_name_of_its_own()
    {
        var options = new CachingOptions().AddPolicy("named", _ => { });
        Assert.Throws<ArgumentException>(() => options.AddPolicy("named", _ => { }));
        Assert.Throws<ArgumentException>(() => options.AddPolicy(" ", _ => { }));
        Assert.Throws<ArgumentNullException>(() => options.AddPolicy("other", null!));
    }

    [Fact]
    public async Task Null_is_an_argument_error_of_every_call()
    {
        using var node = new Node();
        var cache = node.Cache;
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await cache.GetAsync<string>(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await cache.InvalidateAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await cache.RemoveAsync((IEnumerable<string>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await cache.RemoveByTagAsync((IEnumerable<string>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () =>
            await cache.GetOrCreateAsync<int, string>(null!, 0, static (_, _, _) => new(""))
        );
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await cache.GetOrCreateResultAsync<int, string>("key", 0, null!));
        Assert.Throws<ArgumentNullException>(() => cache.TryGet<string>((string)null!, out _));
        Assert.Throws<ArgumentNullException>(() => cache.Explain(null!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\t\n")]
    [InlineData("long")]
    public async Task A_blank_or_overlong_key_is_loaded_each_time_and_kept_nowhere(string key)
    {
        key = key == "long" ? new string('x', 1025) : key;
        using var nodes = new Nodes(1);
        var node = nodes[0];
        Assert.Equal("one", await node.GetAsync(key, "one"));
        Assert.Equal("two", await node.GetAsync(key, "two"));
        Assert.Equal("three", await node.Cache.GetOrCreateAsync<int, string>(key, 0, static (_, _, _) => new("three")));
        Assert.Equal(
            CacheTier.Source,
            (await node.Cache.GetOrCreateResultAsync(key, 0, static (_, _) => new ValueTask<string>("four"))).Tier
        );
        Assert.False((await node.Cache.GetAsync<string>(key)).Found);
        Assert.Empty(await node.Cache.GetManyAsync<string>([key]));
        await node.Cache.SetAsync(key, "set");
        Assert.False(node.Cache.TryGet<string>(key, out _));
        Assert.Equal(InvalidationStatus.Done, await node.Cache.InvalidateAsync(key));
        Assert.Equal(0, node.Cache.Engine.LocalCount);
        Assert.DoesNotContain(nodes.Server.Names, name => name.StartsWith("a8:v:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_value_that_cannot_be_written_fails_its_caller_and_is_stored_nowhere()
    {
        using var nodes = new Nodes(
            2,
            build: builder => builder.Services.AddSingleton<IHybridCacheSerializer<Mutable>>(new VersionedSerializer("1"))
        );
        var unserialisable = new Mutable { Number = VersionedSerializer.Unserialisable };
        await Assert.ThrowsAsync<NotSupportedException>(async () => await nodes[0].GetAsync("key", unserialisable));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await nodes[0].Cache.SetAsync("set", unserialisable));
        Assert.False(nodes[0].Cache.TryGet<Mutable>("key", out _));
        nodes.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await nodes[0].GetAsync("key", new Mutable { Number = 1 })).Number);
        Assert.Equal(1, (await nodes[1].GetAsync("key", new Mutable { Number = 2 })).Number); // the lease was given back
    }

    [Fact]
    public async Task A_type_that_can_neither_be_shared_nor_copied_says_what_to_register()
    {
        using var node = new Node();
        var thrown = await Assert.ThrowsAsync<Serialization.CacheSerializerMissingException>(async () =>
            await node.GetAsync("key", new Uncopyable())
        );
        Assert.Contains(nameof(Uncopyable), thrown.Message, StringComparison.Ordinal);
        Assert.Contains("ShareImmutable", thrown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Serialization.CacheSerializerMissingException>(async () =>
            await node.Cache.SetAsync("key", new Uncopyable())
        );
    }

    public sealed class Uncopyable
    {
        public int Number { get; private set; }

        public void Grow() => Number++;
    }
}
