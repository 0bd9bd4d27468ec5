using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Autom8.Caching.Keys;
using BitFaster.Caching;
using BitFaster.Caching.Lru;

namespace Autom8.Caching.Local;

/// <summary>
/// The first tier, in memory: an LRU or an LFU, bounded by count and, where asked, by bytes. Reads take no lock of ours, look at no clock and allocate nothing.
/// </summary>
/// <remarks>
/// Writes to one key are made under the lock of its stripe, which is what orders them against invalidations; evictions come from any thread.
/// An eviction that races a <see cref="Set"/> of the same key may take the new entry with it: to the caller it was evicted at once.
/// </remarks>
internal sealed class LocalTier<TKey>
    where TKey : notnull
{
    // Two fields of sealed types and a branch that always goes the same way: through an interface every hit would be a dispatch.
    private readonly LruTier<TKey>? _lru;
    private readonly LfuTier<TKey>? _lfu;
    private readonly IAlternateLookup<ReadOnlySpan<char>, TKey, CacheEntry>? _bySpan;
    private readonly ByteBudget? _budget;
    private int _fitting;

    /// <param name="options">Capacity, bound of bytes and eviction policy; already validated.</param>
    /// <param name="clock">Tells the LRU what has expired.</param>
    /// <param name="comparer">Null for ordinal strings and the default of other types, which are the fastest.</param>
    /// <param name="evicted">Called for each entry that leaves by itself, on the thread that made it leave.</param>
    public LocalTier(LocalCacheOptions options, LocalClock clock, IEqualityComparer<TKey>? comparer, Action evicted)
    {
        if (options.MaximumBytes is { } maximum)
        {
            _budget = new ByteBudget(maximum);
        }

        if (options.Eviction == EvictionPolicy.Lfu)
        {
            _lfu = new LfuTier<TKey>(options.Capacity, clock, comparer, _budget, evicted);
        }
        else
        {
            ICapacityPartition partition = _budget is null ? new FavorWarmPartition(options.Capacity) : new BytePartition(options.Capacity);
            _lru = new LruTier<TKey>(partition, clock, ForDictionary(comparer), _budget, evicted);
            if (typeof(TKey) == typeof(string))
            {
                _ = _lru.TryGetAlternateLookup(out _bySpan);
            }
        }
    }

    public int Count => _lru?.Count ?? _lfu!.Count;

    /// <summary>The bytes held, exact whenever no write is under way. 0 where bytes are not bounded.</summary>
    public long Bytes => _budget?.Total ?? 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out CacheEntry entry) =>
        _lru is not null ? _lru.TryGet(key, out entry) && !RemovedEntry.Is(entry) : _lfu!.TryGet(key, out entry);

    /// <summary>The fastest look, for those who can tell what a removal leaves behind from an entry by themselves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetRaw(TKey key, [MaybeNullWhen(false)] out CacheEntry entry) =>
        _lru is not null ? _lru.TryGet(key, out entry) : _lfu!.TryGet(key, out entry);

    /// <summary>As the other, for a string that has not been made: only where keys are strings under a comparer that can compare spans, otherwise false.</summary>
    public bool TryGet(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out CacheEntry entry)
    {
        entry = null;
        return _lfu is not null
            ? _lfu.TryGet(key, out entry)
            : _bySpan is not null && _bySpan.TryGet(key, out entry) && !RemovedEntry.Is(entry);
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
        if (_lfu is not null)
        {
            return _lfu.TryRemove(key);
        }

        // First out of the readers' sight and of its item, then the item out of the dictionary, unless the key has been set again in the meantime.
        if (!_lru!.TryUpdate(key, RemovedEntry.Instance))
        {
            return false;
        }

        Remove(key, RemovedEntry.Instance);
        return true;
    }

    /// <summary>Removes <paramref name="expected"/>, unless the key has another entry by now.</summary>
    public bool Remove(TKey key, CacheEntry expected) =>
        _lfu?.TryRemove(key, expected) ?? _lru!.TryRemove(new KeyValuePair<TKey, CacheEntry>(key, expected));

    /// <summary>Removes all that was there when it was called; what is set meanwhile may stay or go.</summary>
    public void Clear()
    {
        _lfu?.Clear();
        if (_lru is null)
        {
            return;
        }

        // An item on its way from one queue to the next is in neither, and would be missed: so the LRU is emptied key by key after its queues have been.
        _lru.Clear();
        foreach (var (key, _) in _lru)
        {
            Remove(key);
        }
    }

    /// <summary>A dictionary of .NET has a faster way of its own for strings under its ordinal comparer, and shares it with no other.</summary>
    private static IEqualityComparer<TKey> ForDictionary(IEqualityComparer<TKey>? comparer) =>
        comparer is OrdinalKeys ? (IEqualityComparer<TKey>)(object)StringComparer.Ordinal : comparer ?? EqualityComparer<TKey>.Default;

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

    private void SetWeighed(ByteBudget budget, TKey key, CacheEntry entry)
    {
        var weight = ByteBudget.Weigh(key, entry);
        if (weight > budget.Largest)
        {
            Remove(key);
            return;
        }

        budget.Charge(entry, (int)weight);
        try
        {
            if (!Replace(key, entry))
            {
                AddOrUpdate(key, entry);
            }
            else if (!TryGet(key, out var present) || !ReferenceEquals(present, entry))
            {
                // It replaced an entry whose item was being evicted. Such an eviction reports the old entry or the new one, as it happens: let off the one that is not there.
                budget.Discharge(entry);
            }
        }
        catch
        {
            budget.Discharge(entry);
            throw;
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
    /// A trim of BitFaster's LRU walks all its queues: hence a target below the bound.
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
                _lfu!.Trim(count);
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
