using System.Diagnostics.CodeAnalysis;
using BitFaster.Caching;
using BitFaster.Caching.Lru;

namespace Autom8.Caching.Local;

/// <summary>Tells the budget what leaves the LRU, and counts what leaves by itself. Hits and misses are counted by the cache, which knows the tiers.</summary>
internal readonly struct EvictionTelemetry<TKey>(ByteBudget? budget, Action evicted) : ITelemetryPolicy<TKey, CacheEntry>
    where TKey : notnull
{
    [SuppressMessage("Design", "MA0046", Justification = "The shape is BitFaster's.")]
    public event EventHandler<ItemRemovedEventArgs<TKey, CacheEntry>> ItemRemoved
    {
        add { }
        remove { }
    }

    [SuppressMessage("Design", "MA0046", Justification = "The shape is BitFaster's.")]
    public event EventHandler<ItemUpdatedEventArgs<TKey, CacheEntry>> ItemUpdated
    {
        add { }
        remove { }
    }

    public double HitRatio => 0;

    public long Total => 0;

    public long Hits => 0;

    public long Misses => 0;

    public long Evicted => 0;

    public long Updated => 0;

    public void IncrementHit() { }

    public void IncrementMiss() { }

    public void OnItemRemoved(TKey key, CacheEntry value, ItemRemovedReason reason)
    {
        budget?.Discharge(value);
        if (reason is (ItemRemovedReason.Evicted or ItemRemovedReason.Trimmed) && !ReferenceEquals(value, RemovedEntry.Instance))
        {
            evicted();
        }
    }

    public void OnItemUpdated(TKey key, CacheEntry oldValue, CacheEntry newValue)
    {
        if (!ReferenceEquals(oldValue, newValue))
        {
            budget?.Discharge(oldValue);
        }
    }

    public void SetEventSource(object source) { }
}
