using Autom8.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace Autom8.Benchmarks.Caching.Gate;

/// <summary>Ours and the peers, each set up as its own documentation does it. Entries live five minutes in all of them.</summary>
internal sealed class Caches : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly List<IDisposable> _owned = [];

    /// <summary>Ours on Redis, connected and warm, with a deadline that no pause of a busy machine exceeds: what is measured are hits.</summary>
    public async Task<TieredCache> OursOnRedisAsync(string redis, Action<CachingOptions>? configure = null)
    {
        var cache = Ours(
            o =>
            {
                o.Distributed.MinimumTimeout = o.Distributed.Timeout = TimeSpan.FromSeconds(10);
                configure?.Invoke(o);
            },
            redis
        );
        for (var attempt = 0; !(await cache.GetAsync<string>("warm")).Found; attempt++)
        {
            if (attempt == 100)
            {
                throw new InvalidOperationException("Redis cannot be reached.");
            }

            await cache.SetAsync("warm", "x", new() { Flags = HybridCacheEntryFlags.DisableLocalCache });
            await Task.Delay(50);
        }

        return cache;
    }

    public TieredCache Ours(Action<CachingOptions>? configure = null, string? redis = null) =>
        OurServices(builder => (redis is null ? builder : builder.UseRedis(redis)).Services.Configure(configure ?? (static _ => { })))
            .GetRequiredService<TieredCache>();

    public IServiceProvider OurServices(Action<CachingBuilder> build)
    {
        var services = new ServiceCollection();
        build(services.AddAutom8Caching(options => options.Expiration = Lifetime).AddJsonSerializer(BenchmarkJson.Default.Product));
        return Own(services.BuildServiceProvider());
    }

    public HybridCache Microsofts(IMemoryCache? memory = null, string? redis = null)
    {
        var services = new ServiceCollection();
        services.AddHybridCache(options => options.DefaultEntryOptions = new() { Expiration = Lifetime, LocalCacheExpiration = Lifetime });
        if (memory is not null)
        {
            services.AddSingleton(memory);
        }

        if (redis is not null)
        {
            services.AddStackExchangeRedisCache(options => options.Configuration = redis);
        }

        return Own(services.BuildServiceProvider()).GetRequiredService<HybridCache>();
    }

    public FusionCache Fusion(Action<FusionCacheOptions>? configure = null, IMemoryCache? memory = null, string? redis = null)
    {
        var options = new FusionCacheOptions { DefaultEntryOptions = new FusionCacheEntryOptions(Lifetime) };
        configure?.Invoke(options);
        var cache = Own(new FusionCache(options, memory));
        if (redis is not null)
        {
            var distributed = Own(new RedisCache(new RedisCacheOptions { Configuration = redis }));
            cache.SetupDistributedCache(distributed, new FusionCacheSystemTextJsonSerializer());
        }

        return cache;
    }

    public MemoryCache Memory(int? capacity = null) => Own(new MemoryCache(new MemoryCacheOptions { SizeLimit = capacity }));

    public void Dispose()
    {
        // The last made first: a cache before the tier under it.
        for (var i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }

    private T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }
}
