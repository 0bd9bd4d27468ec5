namespace Autom8.Benchmarks.Caching.Gate;

/// <summary>How figures of the peers are called in the bounds and in the table.</summary>
internal static class Peer
{
    public const string FusionCache = "FusionCache";
    public const string TunedFusionCache = "FusionCache, tuned";
    public const string HybridCache = "HybridCache";
    public const string MemoryCache = "MemoryCache";
    public const string Redis = "StackExchange.Redis";
}
