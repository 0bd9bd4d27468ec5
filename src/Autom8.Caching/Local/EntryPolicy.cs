using System.Runtime.CompilerServices;
using BitFaster.Caching.Lru;

namespace Autom8.Caching.Local;

/// <summary>
/// Least recently used first, expired before that. A struct, so that the JIT compiles it into the LRU.
/// Reads discard nothing: the cache looks at <see cref="CacheEntry.AttentionAt"/> itself, with a clock it has read anyway.
/// </summary>
internal readonly struct EntryPolicy<TKey>(LocalClock clock) : IItemPolicy<TKey, CacheEntry, LruItem<TKey, CacheEntry>>
    where TKey : notnull
{
    public TimeSpan TimeToLive => Timeout.InfiniteTimeSpan;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LruItem<TKey, CacheEntry> CreateItem(TKey key, CacheEntry value) => new(key, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(LruItem<TKey, CacheEntry> item) => item.MarkAccessed();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update(LruItem<TKey, CacheEntry> item) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ShouldDiscard(LruItem<TKey, CacheEntry> item) => false;

    /// <summary>False, lest every trim look through all queues for what <see cref="ShouldDiscard"/> never finds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CanDiscard() => false;

    public ItemDestination RouteHot(LruItem<TKey, CacheEntry> item) => Route(item, ItemDestination.Cold);

    public ItemDestination RouteWarm(LruItem<TKey, CacheEntry> item) => Route(item, ItemDestination.Cold);

    public ItemDestination RouteCold(LruItem<TKey, CacheEntry> item) => Route(item, ItemDestination.Remove);

    private ItemDestination Route(LruItem<TKey, CacheEntry> item, ItemDestination unread) =>
        item.Value.DiscardAt <= clock.Now ? ItemDestination.Remove
        : item.WasAccessed ? ItemDestination.Warm
        : unread;
}
