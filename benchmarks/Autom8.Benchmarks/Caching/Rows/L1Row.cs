using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;
using Autom8.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>A hit in memory under a string key, through the concrete type.</summary>
internal sealed class L1Row : IRow
{
    public string Name => "l1";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var audience = Hits.Listen();
        using var caches = new Caches();
        var ours = caches.Ours();
        var hybrid = caches.Microsofts();
        var fusion = caches.Fusion();
        var memory = caches.Memory();
        for (var i = 0; i < Catalog.Size; i++)
        {
            await ours.SetAsync(Catalog.Keys[i], Catalog.Products[i]);
            await hybrid.SetAsync(Catalog.Keys[i], Catalog.Products[i]);
            await fusion.SetAsync(Catalog.Keys[i], Catalog.Products[i]);
            memory.Set(Catalog.Keys[i], Catalog.Products[i], Caches.Lifetime);
        }

        return Hits.Measure(
            options,
            Name,
            "L1 hit, string key, concrete type",
            audience,
            [
                LoopCase.Of("ours", new OursHit(ours)),
                LoopCase.Of(Peer.FusionCache, new FusionHit(fusion)),
                LoopCase.Of(Peer.HybridCache, new HybridHit(hybrid)),
                LoopCase.Of(Peer.MemoryCache, new MemoryHit(memory)),
            ]
        );
    }

    private readonly struct OursHit(TieredCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrCreateAsync(Catalog.Keys[index & Catalog.Mask], index, Sources.Never)).Id;
    }

    private readonly struct HybridHit(HybridCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrCreateAsync(Catalog.Keys[index & Catalog.Mask], index, Sources.Never)).Id;
    }

    private readonly struct FusionHit(FusionCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrSetAsync<Product>(Catalog.Keys[index & Catalog.Mask], Sources.NeverFusion)).Id;
    }

    private readonly struct MemoryHit(MemoryCache cache) : IOperation
    {
        public int Invoke(int index) => cache.TryGetValue(Catalog.Keys[index & Catalog.Mask], out Product? product) ? product!.Id : 0;
    }
}
