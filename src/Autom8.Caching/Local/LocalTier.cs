using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using BitFaster.Caching;
using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using BitFaster.Caching.Scheduler;

namespace Autom8.Caching.Local;

/// <summary>
/// The first tier, in memory: an LRU or a W-TinyLFU, bounded by count and, where asked, by bytes. Reads take no lock of ours, look at no clock and allocate nothing.
/// </summary>
/// <remarks>
/// Writes to one key are made under the lock of its stripe, which is what orders them against invalidations; evictions come from any thread.
/// An eviction that races a <see cref="Set"/> of the same key may take the new entry with it: to the caller it was evicted at once.
/// </remarks>
internal sealed class LocalTier<TKey>
    where TKey : notnull
{
    private const int LfuTrimAtOnce = 64;

    // With fewer, frequencies tell little, and the main space can be so small that BitFaster's LFU (2.6.1) finds no two victims to choose from and fails:
    // then whoever writes gets a NullReferenceException. An LRU serves instead.
    private const int SmallestLfu = 64;

    // With fewer, a write buffer of 128 is too much of the whole to wait for: each write is applied at once.
    private const int SmallestBuffered = 1024;

    // Two fields of sealed types and a branch that always goes the same way: through an interface every hit would be a dispatch.
    private readonly LruTier<TKey>? _lru;
    private readonly ConcurrentLfu<TKey, CacheEntry>? _lfu;
    private readonly IAlternateLookup<ReadOnlySpan<char>, TKey, CacheEntry>? _bySpan;
    private readonly ByteBudget? _budget;
    private int _fitting;

    /// <param name="options">Capacity, bound of bytes and eviction policy; already validated.</param>
    /// <param name="clock">Tells the LRU what has expired.</param>
    /// <param name="comparer">Null for ordinal strings and the default of other types, which are the fastest.</param>
    /// <param name="evicted">Called for each entry that leaves by itself, on the thread that made it leave.</param>
    public LocalTier(LocalCacheOptions options, LocalClock clock, IEqualityComparer<TKey>? comparer, Action evicted)
    {
        comparer ??=
            typeof(TKey) == typeof(string) ? (IEqualityComparer<TKey>)(object)StringComparer.Ordinal : EqualityComparer<TKey>.Default;
        if (options.MaximumBytes is { } maximum)
        {
            _budget = new ByteBudget(maximum);
        }

        if (options.Eviction == EvictionPolicy.Lfu && options.Capacity >= SmallestLfu)
        {
            _lfu = new ConcurrentLfu<TKey, CacheEntry>(
                Environment.ProcessorCount,
                options.Capacity,
                options.Capacity < SmallestBuffered ? (IScheduler)new ForegroundScheduler() : new DrainScheduler(),
                comparer
            );
            var telemetry = new EvictionTelemetry<TKey>(_budget, evicted);
            var events = _lfu.Events.Value!;
            events.ItemRemoved += (_, e) => telemetry.OnItemRemoved(e.Key, e.Value!, e.Reason);
            if (_budget is not null)
            {
                events.ItemUpdated += (_, e) => telemetry.OnItemUpdated(e.Key, e.OldValue!, e.NewValue!);
            }
        }
        else
        {
            ICapacityPartition partition = _budget is null ? new FavorWarmPartition(options.Capacity) : new BytePartition(options.Capacity);
            _lru = new LruTier<TKey>(partition, clock, comparer, _budget, evicted);
        }

        if (typeof(TKey) == typeof(string))
        {
            _ = _lru?.TryGetAlternateLookup(out _bySpan) ?? _lfu!.TryGetAlternateLookup(out _bySpan);
        }
    }

    public int Count => _lru?.Count ?? _lfu!.Count;

    /// <summary>The bytes held, exact whenever no write is under way. 0 where bytes are not bounded.</summary>
    public long Bytes => _budget?.Total ?? 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out CacheEntry entry) =>
        (_lru is not null ? _lru.TryGet(key, out entry) : _lfu!.TryGet(key, out entry)) && !RemovedEntry.Is(entry);

    /// <summary>The fastest look, for those who can tell what a removal leaves behind from an entry by themselves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetRaw(TKey key, [MaybeNullWhen(false)] out CacheEntry entry) =>
        _lru is not null ? _lru.TryGet(key, out entry) : _lfu!.TryGet(key, out entry);

    /// <summary>As the other, for a string that has not been made: only where keys are strings under a comparer that can compare spans, otherwise false.</summary>
    public bool TryGet(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out CacheEntry entry)
    {
        entry = null;
        return _bySpan is not null && _bySpan.TryGet(key, out entry) && !RemovedEntry.Is(entry);
    }

    /// <summary>Adds, or replaces in the old one's place in the order. An entry that weighs more than all there may be is not kept, nor is what it was to replace.</summary>
    public void Set(TKey key, CacheEntry entry)
    {
        if (_budget is null)
        {
            AddOrUpdate(key, entry);
        }
        else
        {
            SetWeighed(_budget, key, entry);
        }
    }

    /// <summary>Removes what is under the key, if anything is.</summary>
    public bool Remove(TKey key)
    {
        // First out of the readers' sight and of its item, then the item out of the dictionary, unless the key has been set again in the meantime.
        if (!Replace(key, RemovedEntry.Instance))
        {
            return false;
        }

        Take(key, RemovedEntry.Instance);
        return true;
    }

    /// <summary>Removes <paramref name="expected"/>, unless the key has another entry by now.</summary>
    public bool Remove(TKey key, CacheEntry expected) => Take(key, expected);

    /// <summary>Removes all that was there when it was called; what is set meanwhile may stay or go.</summary>
    public void Clear()
    {
        // An item on its way from one queue to the next is in neither, and BitFaster's LRU would miss it. Its LFU, cleared, forgets writes that have not reached
        // the policy, whose entries would then never be evicted. So both are emptied key by key, the LRU after its queues have been.
        _lru?.Clear();
        foreach (var (key, _) in (IEnumerable<KeyValuePair<TKey, CacheEntry>>?)_lru ?? _lfu!)
        {
            Remove(key);
        }
    }

    /// <summary>Applies what the LFU has buffered, so that counts are exact.</summary>
    internal void Settle() => _lfu?.DoMaintenance();

    private void AddOrUpdate(TKey key, CacheEntry entry)
    {
        if (_lru is not null)
        {
            _lru.AddOrUpdate(key, entry);
        }
        else
        {
            _lfu!.AddOrUpdate(key, entry);
        }
    }

    private bool Replace(TKey key, CacheEntry entry) => _lru?.TryUpdate(key, entry) ?? _lfu!.TryUpdate(key, entry);

    private bool Take(TKey key, CacheEntry expected)
    {
        var pair = new KeyValuePair<TKey, CacheEntry>(key, expected);
        if (!(_lru?.TryRemove(pair) ?? _lfu!.TryRemove(pair)))
        {
            return false;
        }

        // The LFU reports it later.
        _budget?.Discharge(expected);
        return true;
    }

    private void SetWeighed(ByteBudget budget, TKey key, CacheEntry entry)
    {
        var weight = ByteBudget.Weigh(key, entry);
        if (weight > budget.Largest)
        {
            Remove(key);
            return;
        }

        budget.Charge(entry, (int)weight);
        if (!Replace(key, entry))
        {
            AddOrUpdate(key, entry);
        }
        else if (!TryGet(key, out var present) || !ReferenceEquals(present, entry))
        {
            // It replaced an entry whose item was being evicted. Such an eviction reports the old entry or the new one, as it happens: let off the one that is not there.
            budget.Discharge(entry);
        }

        if (budget.Total > budget.Maximum)
        {
            Fit(budget);
        }
    }

    /// <summary>One thread at a time; who comes meanwhile leaves it to that one, which looks again when it has let go.</summary>
    private void Fit(ByteBudget budget)
    {
        bool stuck;
        do
        {
            if (Interlocked.CompareExchange(ref _fitting, 1, 0) != 0)
            {
                return;
            }

            try
            {
                stuck = budget.Total > budget.Maximum && !Evict(budget);
            }
            finally
            {
                // A full fence: the look below must not be taken before others can see that the turn is free.
                Interlocked.Exchange(ref _fitting, 0);
            }
        } while (!stuck && budget.Total > budget.Maximum);
    }

    /// <summary>
    /// Evicts the coldest until the target is met, as many at a time as the mean weight suggests. False if nothing would go.
    /// A trim of BitFaster's LRU walks all its queues, one of its LFU holds up its bookkeeping: hence a target below the bound for the one, and chunks for the other.
    /// </summary>
    private bool Evict(ByteBudget budget)
    {
        var before = budget.Total;
        for (var total = before; total > budget.Target; )
        {
            var count = (int)Math.Min(int.MaxValue, ((total - budget.Target) / budget.Mean) + 1);
            if (_lru is not null)
            {
                _lru.Trim(Math.Min(count, _lru.Capacity));
            }
            else
            {
                _lfu!.Trim(Math.Min(count, LfuTrimAtOnce));
            }

            var left = budget.Total;
            if (left >= total)
            {
                break;
            }

            total = left;
        }

        return budget.Total < before;
    }
}
