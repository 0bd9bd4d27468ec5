using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;
using Autom8.Caching;
using Autom8.Caching.Regions;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>A hit in memory where the application's key is an <see cref="int"/>: as it is in a region, as text everywhere else.</summary>
internal sealed class RegionRow : IRow
{
    public string Name => "region";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var audience = Hits.Listen();
        using var caches = new Caches();
        var ours = caches
            .OurServices(builder => builder.AddRegion<int, Product>("products", region => region.Capacity = 4096).AddLoader<Never>())
            .GetRequiredService<ICacheRegion<int, Product>>();
        var hybrid = caches.Microsofts();
        var fusion = caches.Fusion();
        for (var i = 0; i < Catalog.Size; i++)
        {
            await ours.GetOrCreateAsync(i, Catalog.Products[i], static (_, product, _) => new ValueTask<Product>(product));
            await hybrid.SetAsync(Catalog.Keys[i], Catalog.Products[i]);
            await fusion.SetAsync(Catalog.Keys[i], Catalog.Products[i]);
        }

        LoopCase[] peers = [LoopCase.Of(Peer.HybridCache, new HybridHit(hybrid)), LoopCase.Of(Peer.FusionCache, new FusionHit(fusion))];
        return
        [
            .. Hits.Measure(
                options,
                Name,
                "L1 hit, int key in a region, GetAsync; $\"product:{id}\" in the peers",
                audience,
                [LoopCase.Of("ours", new OursGet(ours)), .. peers]
            ),
            .. Hits.Measure(
                options,
                $"{Name}.create",
                "the same, GetOrCreateAsync",
                audience,
                [LoopCase.Of("ours", new OursGetOrCreate(ours)), .. peers]
            ),
        ];
    }

    private sealed class Never : ICacheLoader<int, Product>
    {
        public ValueTask<Product> LoadAsync(int key, CacheLoadContext<Product> context, CancellationToken cancellationToken) =>
            Sources.Never(key, cancellationToken);
    }

    private readonly struct OursGet(ICacheRegion<int, Product> region) : IOperation
    {
        public int Invoke(int index) => Hits.Take(region.GetAsync(index & Catalog.Mask)).Id;
    }

    private readonly struct OursGetOrCreate(ICacheRegion<int, Product> region) : IOperation
    {
        private static readonly Func<int, int, CancellationToken, ValueTask<Product>> NeverLoads = static (_, state, ct) =>
            Sources.Never(state, ct);

        public int Invoke(int index) => Hits.Take(region.GetOrCreateAsync(index & Catalog.Mask, index, NeverLoads)).Id;
    }

    private readonly struct HybridHit(HybridCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrCreateAsync($"product:{index & Catalog.Mask}", index, Sources.Never)).Id;
    }

    private readonly struct FusionHit(FusionCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrSetAsync<Product>($"product:{index & Catalog.Mask}", Sources.NeverFusion)).Id;
    }
}
