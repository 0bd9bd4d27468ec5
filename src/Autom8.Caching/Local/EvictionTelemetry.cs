using System.Diagnostics.CodeAnalysis;
using Autom8.Caching.Diagnostics;
using BitFaster.Caching;
using BitFaster.Caching.Lru;

namespace Autom8.Caching.Local;

/// <summary>Counts what leaves memory by itself; hits and misses are counted by the cache, which knows the tiers.</summary>
internal readonly struct EvictionTelemetry(CacheMeter meter) : ITelemetryPolicy<string, CacheEntry>
{
    [SuppressMessage("Design", "MA0046", Justification = "The shape is BitFaster's.")]
    public event EventHandler<ItemRemovedEventArgs<string, CacheEntry>> ItemRemoved
    {
        add { }
        remove { }
    }

    [SuppressMessage("Design", "MA0046", Justification = "The shape is BitFaster's.")]
    public event EventHandler<ItemUpdatedEventArgs<string, CacheEntry>> ItemUpdated
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

    public void OnItemRemoved(string key, CacheEntry value, ItemRemovedReason reason)
    {
        if (reason == ItemRemovedReason.Evicted)
        {
            meter.Evicted();
        }
    }

    public void OnItemUpdated(string key, CacheEntry oldValue, CacheEntry newValue) { }

    public void SetEventSource(object source) { }
}
