using Autom8.Caching.Diagnostics;
using BitFaster.Caching.Lru;

namespace Autom8.Caching.Local;

/// <summary>
/// The first tier: BitFaster's concurrent pseudo-LRU (hot, warm and cold queues over a concurrent dictionary; see https://memcached.org/blog/modern-lru/) with our entries and expiry.
/// Reads take no lock. Writes to one key are made under the lock of its stripe (<see cref="Loads.FlightTable"/>), which is what orders them against invalidations.
/// </summary>
internal sealed class LocalTier(int capacity, LocalClock clock, CacheMeter meter)
    : ConcurrentLruCore<string, CacheEntry, LruItem<string, CacheEntry>, EntryPolicy, EvictionTelemetry>(
        Environment.ProcessorCount,
        new FavorWarmPartition(capacity),
        StringComparer.Ordinal,
        new EntryPolicy(clock),
        new EvictionTelemetry(meter)
    );
