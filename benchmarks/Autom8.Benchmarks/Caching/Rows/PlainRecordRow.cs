using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;
using Microsoft.Extensions.Caching.Hybrid;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>A hit on a sealed record that bears no attribute, through <see cref="HybridCache"/>.</summary>
internal sealed class PlainRecordRow : IRow
{
    public string Name => "plain";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var audience = Hits.Listen();
        using var caches = new Caches();
        HybridCache ours = caches.Ours();
        var hybrid = caches.Microsofts();
        var fusion = caches.Fusion();
        for (var i = 0; i < Catalog.Size; i++)
        {
            await ours.SetAsync(Catalog.Keys[i], Catalog.PlainProducts[i]);
            await hybrid.SetAsync(Catalog.Keys[i], Catalog.PlainProducts[i]);
            await fusion.SetAsync(Catalog.Keys[i], Catalog.PlainProducts[i]);
        }

        return Hits.Measure(
            options,
            Name,
            "L1 hit, plain record, through HybridCache",
            audience,
            [
                LoopCase.Of("ours", new OursHit(ours)),
                LoopCase.Of(Peer.HybridCache, new HybridHit(hybrid)),
                LoopCase.Of(Peer.FusionCache, new FusionHit(fusion)),
            ]
        );
    }

    private readonly struct OursHit(HybridCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrCreateAsync(Catalog.Keys[index & Catalog.Mask], index, Sources.NeverPlain)).Id;
    }

    private readonly struct HybridHit(HybridCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrCreateAsync(Catalog.Keys[index & Catalog.Mask], index, Sources.NeverPlain)).Id;
    }

    private readonly struct FusionHit(FusionCache cache) : IOperation
    {
        public int Invoke(int index) =>
            Hits.Take(cache.GetOrSetAsync<PlainProduct>(Catalog.Keys[index & Catalog.Mask], Sources.NeverPlainFusion)).Id;
    }
}
