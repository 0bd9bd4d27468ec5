using Autom8.Benchmarks.Caching.Rows;
using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Caching.Gate;

/// <summary>The cache beside FusionCache, HybridCache and bare Redis.</summary>
internal static class CachingGate
{
    public static Harness.Gate Create() =>
        new(
            "caching",
            [
                new L1Row(),
                new HybridRow(),
                new RegionRow(),
                new PlainRecordRow(),
                new L2Row(),
                new GetManyRow(),
                new FrozenRow(),
                new FailingRow(),
                new ZipfRow(),
                new MemoryRow(),
            ],
            CachingBounds.All
        );
}
