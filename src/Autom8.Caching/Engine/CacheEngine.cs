using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Autom8.Caching.Coherence;
using Autom8.Caching.Diagnostics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Keys;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Tags;

namespace Autom8.Caching.Engine;

/// <summary>
/// The cache for keys of one type: the plain cache's strings, or a region's. Memory of its own; everything else it shares with the other engines (<see cref="CacheParts"/>).
/// </summary>
/// <remarks>
/// <para><b>A hit</b> is a look into memory and three compares: nobody asked for attention, memory is trusted, no tag was removed since the entry was last looked at. It takes no lock.</para>
/// <para><b>Order.</b> For each key, the start of a load, its decision to store, and a set or removal are ordered by the lock of the key's stripe (<see cref="FlightTable{TKey}"/>). A removal fences every load that runs: it
/// returns to those who wait and is never stored. Calls about one key to the distributed tier are made one after another, in the order of the decisions (<see cref="DistributedCall{TKey}"/>).</para>
/// <para>Parts: <c>.Hit</c> what memory may serve, <c>.Loading</c> one load per key, <c>.Many</c> and <c>.Finding</c> many keys at once, with and without a load, <c>.Invalidation</c> sets, removals and changes, <c>.Distribution</c> what passes to and from the second tier.</para>
/// </remarks>
internal sealed partial class CacheEngine<TKey> : ICacheEngine
    where TKey : notnull
{
    private readonly CacheParts _parts;
    private readonly ICacheKeyFormatter<TKey> _formatter;
    private readonly string _prefix;
    private readonly string[] _ownTags;
    private readonly LocalTier<TKey> _local;
    private readonly FlightTable<TKey> _flights;
    private readonly Failures<TKey> _failures;
    private readonly InvalidationDebts<TKey> _debts;
    private readonly LocalClock _clock;
    private readonly TagRegistry _tags;
    private readonly DistributedTier? _tier;
    private readonly NodeCoherence? _coherence;
    private readonly Trust _trust;
    private readonly CacheMeter _meter;
    private readonly long _maxStaleness;
    private readonly bool _weighs;
    private readonly Func<object, long>? _weigh;

    /// <param name="parts">What is shared.</param>
    /// <param name="region">The region's name; empty for the plain cache.</param>
    /// <param name="formatter">Names keys outside this process.</param>
    /// <param name="options">The bounds of memory.</param>
    /// <param name="comparer">Null for the default one.</param>
    public CacheEngine(
        CacheParts parts,
        string region,
        ICacheKeyFormatter<TKey> formatter,
        LocalCacheOptions options,
        IEqualityComparer<TKey>? comparer
    )
    {
        Region = region;
        _parts = parts;
        _formatter = formatter;
        _prefix = region.Length == 0 ? "a8:v:" : $"a8:r:{region}:";
        _ownTags = region.Length == 0 ? [] : [TagSet.OfRegion(region)];
        _clock = parts.Clock;
        _tags = parts.Tags;
        _tier = parts.Tier;
        _coherence = parts.Coherence;
        _trust = parts.Trust;
        _meter = parts.Meter;
        _maxStaleness = (long)parts.Options.Distributed.MaxStaleness.TotalMilliseconds;
        _weighs = options.MaximumBytes is not null;
        _weigh = options.Weigh;
        _local = new LocalTier<TKey>(options, _clock, comparer, _meter.Evicted);
        _flights = new FlightTable<TKey>(comparer);
        _failures = new Failures<TKey>(comparer);
        _debts = new InvalidationDebts<TKey>(comparer);
        parts.Add(this);
    }

    public string Region { get; }

    public CacheParts Parts => _parts;

    /// <summary>The tags that every entry of this engine bears.</summary>
    public string[] OwnTags => _ownTags;

    public int PendingInvalidations => _debts.Count;

    /// <summary>The number of entries in memory, expired ones included until they are met.</summary>
    public int LocalCount => _local.Count;

    public long LocalBytes => _local.Bytes;

    public IEnumerable<Task> Calls
    {
        get
        {
            List<Task> calls = [];
            foreach (var stripe in _flights.All)
            {
                lock (stripe.Lock)
                {
                    calls.AddRange(stripe.Activities.Select(activity => activity.LastCall).OfType<Task>());
                }
            }

            return calls;
        }
    }

    public void ClearMemory() => _local.Clear();

    public void Stop()
    {
        foreach (var stripe in _flights.All)
        {
            lock (stripe.Lock)
            {
                foreach (var activity in stripe.Activities)
                {
                    activity.FenceAll();
                }
            }
        }

        _local.Clear();
    }

    /// <summary>The fast half of a hit: a shared instance that nothing is to be said about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryHit<T>(TKey key, [MaybeNullWhen(false)] out T value) => TryHit(key, out value, out _);

    /// <summary>The same, and whether there is anything at all: if not, nothing is gained by another look.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryHit<T>(TKey key, [MaybeNullWhen(false)] out T value, out bool isThere)
    {
        isThere = _local.TryGetRaw(key, out var entry);
        if (isThere && entry is SharedEntry<T> hit && IsPlain(hit))
        {
            _meter.LocalHit();
            value = hit.Instance;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The same for the characters of a string key, which need not be a string.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryHit<T>(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out T value)
    {
        if (_local.TryGet(key, out var entry) && entry is SharedEntry<T> hit && IsPlain(hit))
        {
            _meter.LocalHit();
            value = hit.Instance;
            return true;
        }

        value = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsPlain(CacheEntry entry)
    {
        var now = _clock.Now;
        return entry.NeedsNoAttention(now) && now < _trust.Until && (entry.Epoch == _tags.Epoch || _tags.Recheck(entry));
    }

    /// <summary>The key's name in the distributed tier, or null when it cannot have one.</summary>
    private string? Name(TKey key)
    {
        var text = _formatter.Format(key);
        return DistributedTier.CanName(text) ? _prefix + text : null;
    }
}
