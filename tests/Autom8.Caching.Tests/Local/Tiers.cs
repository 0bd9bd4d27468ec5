using Autom8.Caching.Local;

namespace Autom8.Caching.Tests.Local;

internal static class Tiers
{
    public static LocalTier<TKey> Create<TKey>(
        EvictionPolicy eviction,
        int capacity = 1000,
        long? maximumBytes = null,
        TimeProvider? time = null,
        IEqualityComparer<TKey>? comparer = null,
        Action? evicted = null
    )
        where TKey : notnull =>
        new(
            new CachingOptions
            {
                Capacity = capacity,
                MaximumBytes = maximumBytes,
                Eviction = eviction,
            },
            new LocalClock(time ?? TimeProvider.System),
            comparer,
            evicted ?? (static () => { })
        );

    public static bool Has<TKey>(this LocalTier<TKey> tier, TKey key)
        where TKey : notnull => tier.TryGet(key, out _);
}
