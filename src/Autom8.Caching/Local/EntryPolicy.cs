using System.Runtime.CompilerServices;
using BitFaster.Caching.Lru;

namespace Autom8.Caching.Local;

/// <summary>Least recently used first, expired before that. A struct, so that the JIT compiles it into the LRU.</summary>
internal readonly struct EntryPolicy(LocalClock clock) : IItemPolicy<string, CacheEntry, LruItem<string, CacheEntry>>
{
    public TimeSpan TimeToLive => Timeout.InfiniteTimeSpan;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LruItem<string, CacheEntry> CreateItem(string key, CacheEntry value) => new(key, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(LruItem<string, CacheEntry> item) => item.MarkAccessed();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update(LruItem<string, CacheEntry> item) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ShouldDiscard(LruItem<string, CacheEntry> item) => item.Value.ExpiresAt <= clock.Now;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CanDiscard() => true;

    public ItemDestination RouteHot(LruItem<string, CacheEntry> item) => Route(item, ItemDestination.Cold);

    public ItemDestination RouteWarm(LruItem<string, CacheEntry> item) => Route(item, ItemDestination.Cold);

    public ItemDestination RouteCold(LruItem<string, CacheEntry> item) => Route(item, ItemDestination.Remove);

    private ItemDestination Route(LruItem<string, CacheEntry> item, ItemDestination unread) =>
        ShouldDiscard(item) ? ItemDestination.Remove
        : item.WasAccessed ? ItemDestination.Warm
        : unread;
}
