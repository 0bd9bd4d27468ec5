using Autom8.Caching;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching;

/// <summary>A hit in memory: string key, one thread, entries that expire, nobody listening to metrics. The call an application makes on each read.</summary>
[MemoryDiagnoser]
[HideColumns("Error", "StdDev", "RatioSD")]
public class L1HitBenchmarks
{
    private static readonly Product Value = new(1, "Lamp", 9.99m);
    private static readonly PlainProduct Plain = new(1, "Lamp", 9.99m);
    private static readonly string[] Tags = ["products", "category:7"];

    private ServiceProvider _ours = null!;
    private ServiceProvider _microsofts = null!;
    private TieredCache _tiered = null!;
    private HybridCache _tieredAsHybrid = null!;
    private HybridCache _hybrid = null!;
    private FusionCache _fusion = null!;
    private MemoryCache _memory = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        var ours = new ServiceCollection();
        ours.AddAutom8Caching(options => options.ShareImmutable<PlainProduct>());
        _ours = ours.BuildServiceProvider();
        _tiered = _ours.GetRequiredService<TieredCache>();
        _tieredAsHybrid = _tiered;

        var microsofts = new ServiceCollection();
        microsofts.AddHybridCache();
        _microsofts = microsofts.BuildServiceProvider();
        _hybrid = _microsofts.GetRequiredService<HybridCache>();

        _fusion = new FusionCache(new FusionCacheOptions { DefaultEntryOptions = new FusionCacheEntryOptions(TimeSpan.FromMinutes(5)) });
        _memory = new MemoryCache(new MemoryCacheOptions());
        _memory.Set("product:1", Value, TimeSpan.FromMinutes(5));

        // Each key is loaded here; what is measured are hits.
        await TieredCache_concrete();
        await TieredCache_plain_record_declared_immutable();
        await TieredCache_through_HybridCache();
        await TieredCache_tagged();
        await HybridCache_Microsoft();
        await HybridCache_Microsoft_tagged();
        await HybridCache_Microsoft_plain_record();
        await FusionCache_GetOrSetAsync();
        await FusionCache_GetOrSetAsync_tagged();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _ours.Dispose();
        _microsofts.Dispose();
        _fusion.Dispose();
        _memory.Dispose();
    }

    [Benchmark(Baseline = true)]
    public ValueTask<Product> TieredCache_concrete() =>
        _tiered.GetOrCreateAsync("product:1", Value, static (value, _) => ValueTask.FromResult(value));

    [Benchmark]
    public ValueTask<Product> TieredCache_through_HybridCache() =>
        _tieredAsHybrid.GetOrCreateAsync("product:1", Value, static (value, _) => ValueTask.FromResult(value));

    [Benchmark]
    public ValueTask<Product> TieredCache_tagged() =>
        _tieredAsHybrid.GetOrCreateAsync("tagged:1", Value, static (value, _) => ValueTask.FromResult(value), tags: Tags);

    [Benchmark]
    public ValueTask<PlainProduct> TieredCache_plain_record_declared_immutable() =>
        _tieredAsHybrid.GetOrCreateAsync("plain:1", Plain, static (value, _) => ValueTask.FromResult(value));

    [Benchmark]
    public Product? TieredCache_TryGet() => _tiered.TryGet<Product>("product:1", out var value) ? value : null;

    [Benchmark]
    public ValueTask<Product> HybridCache_Microsoft() =>
        _hybrid.GetOrCreateAsync("product:1", Value, static (value, _) => ValueTask.FromResult(value));

    [Benchmark]
    public ValueTask<Product> HybridCache_Microsoft_tagged() =>
        _hybrid.GetOrCreateAsync("tagged:1", Value, static (value, _) => ValueTask.FromResult(value), tags: Tags);

    [Benchmark]
    public ValueTask<PlainProduct> HybridCache_Microsoft_plain_record() =>
        _hybrid.GetOrCreateAsync("plain:1", Plain, static (value, _) => ValueTask.FromResult(value));

    [Benchmark]
    public ValueTask<Product> FusionCache_GetOrSetAsync() =>
        _fusion.GetOrSetAsync<Product>("product:1", static (_, _) => Task.FromResult(Value));

    [Benchmark]
    public ValueTask<Product> FusionCache_GetOrSetAsync_tagged() =>
        _fusion.GetOrSetAsync<Product>("tagged:1", static (_, _) => Task.FromResult(Value), tags: Tags);

    [Benchmark]
    public Product? MemoryCache_TryGetValue() => _memory.TryGetValue("product:1", out Product? value) ? value : null;
}
