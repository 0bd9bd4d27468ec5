using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;
using Microsoft.Extensions.Caching.Hybrid;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>A hit in memory through the abstract <see cref="HybridCache"/>; then the same of entries with two tags, while other tags are removed all the time.</summary>
internal sealed class HybridRow : IRow
{
    public string Name => "hybrid";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options) =>
        [.. await PlainAsync(options), .. await TaggedAsync(options)];

    private async Task<IReadOnlyList<Measure>> PlainAsync(GateOptions options)
    {
        using var audience = Hits.Listen();
        using var caches = new Caches();
        HybridCache ours = caches.Ours();
        var hybrid = caches.Microsofts();
        for (var i = 0; i < Catalog.Size; i++)
        {
            await ours.SetAsync(Catalog.Keys[i], Catalog.Products[i]);
            await hybrid.SetAsync(Catalog.Keys[i], Catalog.Products[i]);
        }

        return Hits.Measure(
            options,
            Name,
            "L1 hit, through HybridCache",
            audience,
            [LoopCase.Of("ours", new OursHit(ours)), LoopCase.Of(Peer.HybridCache, new HybridHit(hybrid))]
        );
    }

    private async Task<IReadOnlyList<Measure>> TaggedAsync(GateOptions options)
    {
        using var audience = Hits.Listen();
        using var caches = new Caches();
        HybridCache ours = caches.Ours();
        var hybrid = caches.Microsofts();
        var fusion = caches.Fusion();
        for (var i = 0; i < Catalog.Size; i++)
        {
            await ours.SetAsync(Catalog.Keys[i], Catalog.Products[i], tags: Catalog.Tags);
            await hybrid.SetAsync(Catalog.Keys[i], Catalog.Products[i], tags: Catalog.Tags);
            await fusion.SetAsync(Catalog.Keys[i], Catalog.Products[i], tags: Catalog.Tags);
        }

        using var noise = new TagNoise(
            async tag => await ours.RemoveByTagAsync(tag),
            async tag => await hybrid.RemoveByTagAsync(tag),
            async tag => await fusion.RemoveByTagAsync(tag)
        );
        return Hits.Measure(
            options,
            $"{Name}.tagged",
            "L1 hit, through HybridCache, 2 tags, 1,000 other tags/s removed",
            audience,
            [
                LoopCase.Of("ours", new OursTaggedHit(ours)),
                LoopCase.Of(Peer.HybridCache, new HybridTaggedHit(hybrid)),
                LoopCase.Of(Peer.FusionCache, new FusionTaggedHit(fusion)),
            ]
        );
    }

    // Ours and theirs are two structs, for each is the only HybridCache of its application.
    private readonly struct OursHit(HybridCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrCreateAsync(Catalog.Keys[index & Catalog.Mask], index, Sources.Never)).Id;
    }

    private readonly struct HybridHit(HybridCache cache) : IOperation
    {
        public int Invoke(int index) => Hits.Take(cache.GetOrCreateAsync(Catalog.Keys[index & Catalog.Mask], index, Sources.Never)).Id;
    }

    private readonly struct OursTaggedHit(HybridCache cache) : IOperation
    {
        public int Invoke(int index) =>
            Hits.Take(cache.GetOrCreateAsync(Catalog.Keys[index & Catalog.Mask], index, Sources.Never, tags: Catalog.Tags)).Id;
    }

    private readonly struct HybridTaggedHit(HybridCache cache) : IOperation
    {
        public int Invoke(int index) =>
            Hits.Take(cache.GetOrCreateAsync(Catalog.Keys[index & Catalog.Mask], index, Sources.Never, tags: Catalog.Tags)).Id;
    }

    private readonly struct FusionTaggedHit(FusionCache cache) : IOperation
    {
        public int Invoke(int index) =>
            Hits.Take(cache.GetOrSetAsync<Product>(Catalog.Keys[index & Catalog.Mask], Sources.NeverFusion, tags: Catalog.Tags)).Id;
    }
}
