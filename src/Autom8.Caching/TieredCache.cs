using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Autom8.Caching.Diagnostics;
using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace Autom8.Caching;

/// <summary>
/// A <see cref="HybridCache"/> of two tiers: memory (bounded, least recently used first) and, where one is given, any <see cref="IDistributedCache"/>. One load per key runs at a time.
/// Made by <c>AddAutom8Caching</c>; inject it as <see cref="HybridCache"/>, or as itself for <see cref="TryGet"/> and the fastest calls.
/// </summary>
/// <remarks>
/// <para>Safe for any number of threads.</para>
/// <para><b>Invalidation, on one node:</b> once <see cref="RemoveAsync(string, CancellationToken)"/>, <see cref="SetAsync"/> or <see cref="RemoveByTagAsync(string, CancellationToken)"/> has returned,
/// no later read on this node returns an older value, and no load that began before is ever stored. This holds while the distributed tier is down, too:
/// what could not be removed there is neither read nor filled by this node until it has been. Other nodes see a change when their own copies in memory expire.</para>
/// <para><b>Loads:</b> callers of one key share one run of the factory, its result or its failure (failures are not cached). A caller who cancels leaves alone;
/// the load is cancelled when the last one has left. A factory that asks for its own key is an <see cref="InvalidOperationException"/>.</para>
/// <para><b>Values:</b> instances are shared only where their type is known not to change (see <see cref="CachingOptions.ShareImmutable"/>); of everything else memory holds bytes and each caller gets a copy.
/// Nulls are cached. A key that holds another type than asked for is a miss.</para>
/// <para><b>The distributed tier</b> never fails a call: it is asked under a deadline and behind a circuit breaker, and payloads that are foreign, old or damaged are misses.</para>
/// <para><b>Odd arguments</b> are met as Microsoft's implementation meets them: a blank or over-long key is loaded and not cached. Negative expirations are argument errors; zero stores nothing.</para>
/// </remarks>
public sealed partial class TieredCache : HybridCache, IAsyncDisposable, IDisposable
{
    private readonly CachingOptions _options;
    private readonly ILogger _logger;
    private readonly LocalClock _clock;
    private readonly TimeProvider _time;
    private readonly CacheMeter _meter;
    private readonly LocalTier _local;
    private readonly FlightTable _flights = new();
    private readonly CachedTypes _types;
    private readonly TagRegistry _tags;
    private readonly DistributedTier? _tier;
    private readonly InvalidationDebts _debts = new();
    private readonly Maintenance? _maintenance;
    private readonly bool _readsLocalByDefault;
    private volatile bool _disposed;

    internal TieredCache(
        CachingOptions options,
        IServiceProvider services,
        IDistributedCache? distributed,
        ICachePayloadProtector? protector,
        TimeProvider time,
        IMeterFactory? meters,
        ILogger logger
    )
    {
        _options = options;
        _logger = logger;
        _time = time;
        _clock = new LocalClock(time);
        _meter = new CacheMeter(meters);
        _local = new LocalTier(options.Capacity, _clock, _meter);
        _types = new CachedTypes(services, options.ImmutableTypes, distributed is not null);
        _readsLocalByDefault = (options.Flags & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None;
        if (distributed is not null)
        {
            _maintenance = new Maintenance(time, options.Distributed.RetryInterval, MaintainAsync, logger);
            _tier = new DistributedTier(distributed, protector, options.Distributed, time, _meter, logger)
            {
                CircuitOpened = _maintenance.Request,
            };
        }

        _tags = new TagRegistry(_tier, options.Distributed, _clock)
        {
            OwesDistributedTier = _maintenance is null ? null : _maintenance.Request,
        };
    }

    internal Meter Meter => _meter.Meter;

    /// <summary>The number of entries in memory, expired ones included until they are met.</summary>
    internal int LocalCount => _local.Count;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An expiration is negative.</exception>
    /// <exception cref="CacheSerializerMissingException">The type can neither be shared nor copied; the message says what to register.</exception>
    /// <exception cref="ObjectDisposedException">The value is not in memory and the cache is disposed.</exception>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        EntryTerms.Check(options);
        if (ReadsLocal(options) && Find<T>(key) is { } entry)
        {
            _meter.LocalHit();
            return new(entry.Value);
        }

        return LoadAsync(key, state, factory, options, tags, cancellationToken);
    }

    /// <summary>Looks into memory only: no waiting, no distributed tier, no load.</summary>
    /// <typeparam name="T">The type the value was cached as.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value (which may be a cached null), where true is returned.</param>
    /// <returns>Whether memory holds a valid <typeparamref name="T"/> under the key.</returns>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Find<T>(key) is { } entry)
        {
            _meter.LocalHit();
            value = entry.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Empties memory and stops the cache. Loads that run return to their callers and are not stored.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
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
        _maintenance?.Dispose();
        _meter.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Completes when the distributed tier has been told of everything decided so far.</summary>
    internal Task DrainAsync()
    {
        List<Task> calls = [];
        foreach (var stripe in _flights.All)
        {
            lock (stripe.Lock)
            {
                calls.AddRange(stripe.Activities.Select(activity => activity.LastCall).OfType<Task>());
            }
        }

        return Task.WhenAll(calls);
    }

    private bool ReadsLocal(HybridCacheEntryOptions? options) =>
        _readsLocalByDefault
        && (options?.Flags is not { } flags || (flags & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None);

    private CacheEntry<T>? Find<T>(string key)
    {
        if (!_local.TryGet(key, out var entry))
        {
            return null;
        }

        if (entry.CheckedEpoch != _tags.Epoch && !_tags.Recheck(entry))
        {
            _local.TryRemove(new KeyValuePair<string, CacheEntry>(key, entry));
            return null;
        }

        if (entry is CacheEntry<T> typed)
        {
            return typed;
        }

        CacheLog.TypeMismatch(_logger, typeof(T).ToString());
        return null;
    }

    private bool IsCacheable(string key)
    {
        if (!string.IsNullOrWhiteSpace(key) && key.Length <= _options.MaximumKeyLength)
        {
            return true;
        }

        CacheLog.KeyNotCacheable(_logger);
        return false;
    }
}
