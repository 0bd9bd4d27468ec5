using BitFaster.Caching.Lru;

namespace Autom8.Caching.Local;

/// <summary>BitFaster's concurrent pseudo-LRU (hot, warm and cold queues over a concurrent dictionary; see https://memcached.org/blog/modern-lru/) with our entries.</summary>
internal sealed class LruTier<TKey>(
    ICapacityPartition partition,
    LocalClock clock,
    IEqualityComparer<TKey> comparer,
    ByteBudget? budget,
    Action evicted
)
    : ConcurrentLruCore<TKey, CacheEntry, LruItem<TKey, CacheEntry>, EntryPolicy<TKey>, EvictionTelemetry<TKey>>(
        Environment.ProcessorCount,
        partition,
        comparer,
        new EntryPolicy<TKey>(clock),
        new EvictionTelemetry<TKey>(budget, evicted)
    )
    where TKey : notnull;
