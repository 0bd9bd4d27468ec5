using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Gate;

/// <summary>Sources that must not be asked: what is measured are hits.</summary>
internal static class Sources
{
    public static readonly Func<int, CancellationToken, ValueTask<Product>> Never = static (_, _) => throw Missed();

    public static readonly Func<int, CancellationToken, ValueTask<PlainProduct>> NeverPlain = static (_, _) => throw Missed();

    public static readonly Func<FusionCacheFactoryExecutionContext<Product>, CancellationToken, Task<Product>> NeverFusion = static (
        _,
        _
    ) => throw Missed();

    public static readonly Func<FusionCacheFactoryExecutionContext<PlainProduct>, CancellationToken, Task<PlainProduct>> NeverPlainFusion =
        static (_, _) => throw Missed();

    private static InvalidOperationException Missed() => new("A benchmark of hits has met a miss.");
}
