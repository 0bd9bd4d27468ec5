using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Autom8.Caching.Diagnostics;
using Autom8.Caching.Engine;
using Autom8.Caching.Keys;
using Autom8.Caching.Loads;
using Autom8.Caching.Tags;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching;

/// <summary>
/// A <see cref="HybridCache"/> of two tiers: memory (bounded, least recently or least frequently used first) and, where one is given, a shared tier. One load per key runs at a time.
/// Made by <c>AddAutom8Caching</c>; inject it as <see cref="HybridCache"/>, or as itself for what that does not have and for the fastest calls.
/// </summary>
/// <remarks>
/// <para>Safe for any number of threads.</para>
/// <para><b>Invalidation, on one node:</b> once <see cref="RemoveAsync(string, CancellationToken)"/>, <see cref="SetAsync"/> or <see cref="RemoveByTagAsync(string, CancellationToken)"/> has returned,
/// no later read on this node returns an older value, and no load that began before is ever stored. This holds while the shared tier is down, too:
/// what could not be removed there is neither read nor filled by this node until it has been.</para>
/// <para><b>On other nodes</b> that share the tier (Autom8.Redis): the same within <see cref="DistributedTierOptions.MaxStaleness"/>, typically within milliseconds, while the tier can be reached and after it can be again.
/// A node cut off from the tier queues its removals (<see cref="InvalidationStatus.Pending"/>); until it has made up for them, others may serve the old value up to its expiry.
/// Over a bare <see cref="Microsoft.Extensions.Caching.Distributed.IDistributedCache"/> there is no promise across nodes: they see a change when their own copies in memory expire.</para>
/// <para><b>Loads:</b> callers of one key share one run of the factory, its result or its failure; the failure is given to those who come within <see cref="CachePolicy.FailureBackoff"/> too. A caller who cancels leaves alone;
/// the load is cancelled when the last one has left, or after <see cref="CachePolicy.LoadTimeout"/>. A factory that asks for its own key is an <see cref="InvalidOperationException"/>.</para>
/// <para><b>Values:</b> instances are shared only where their type is known not to change (see <see cref="CachingOptions.ShareImmutable"/>); of everything else memory holds bytes and each caller gets a copy.
/// Nulls are cached. A key that holds another type than asked for is a miss.</para>
/// <para><b>The distributed tier</b> never fails a call: it is asked under a deadline and behind a circuit breaker, and payloads that are foreign, old or damaged are misses.</para>
/// <para><b>Odd arguments</b> are met as Microsoft's implementation meets them: a blank or over-long key is loaded and not cached. Negative expirations are argument errors; zero stores nothing.</para>
/// </remarks>
public sealed partial class TieredCache : HybridCache, IAsyncDisposable, IDisposable
{
    private readonly CachingOptions _options;
    private readonly CacheParts _parts;
    private readonly CacheEngine<string> _engine;
    private readonly bool _readsLocalByDefault;

    internal TieredCache(CacheParts parts)
    {
        _parts = parts;
        _options = parts.Options;
        _engine = new CacheEngine<string>(parts, "", new StringKeyFormatter(), _options, OrdinalKeys.Instance);
        _readsLocalByDefault = (_options.Flags & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None;
        parts.Start();
    }

    /// <summary>Removals that the shared tier has not been told of yet; see <see cref="InvalidationStatus.Pending"/>.</summary>
    public int PendingInvalidations => _parts.Engines.Sum(engine => engine.PendingInvalidations);

    internal Meter Meter => _parts.Meter.Meter;

    internal CacheParts Parts => _parts;

    internal CacheEngine<string> Engine => _engine;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An expiration is negative.</exception>
    /// <exception cref="Serialization.CacheSerializerMissingException">The type can neither be shared nor copied; the message says what to register.</exception>
    /// <exception cref="TimeoutException">The load took longer than <see cref="CachePolicy.LoadTimeout"/>.</exception>
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
        var mayServe = false;
        return ReadsLocal(options) && _engine.TryHit<T>(key, out var value, out mayServe)
            ? new(value)
            : LoadAsync(key, state, factory, options, tags, mayServe, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>A hit makes no string of the key; nor does an interpolated one.</remarks>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        EntryTerms.Check(options);
        return ReadsLocal(options) && _engine.TryHit<T>(key, out var value)
            ? new(value)
            : LoadAsync(key.ToString(), state, factory, options, tags, ReadsLocal(options), cancellationToken);
    }

    /// <summary>
    /// The value of a key, loaded by a factory that knows what was there before and may say how long its value lives, which tags it bears, and that nothing has changed.
    /// </summary>
    /// <typeparam name="TState">What the factory works with.</typeparam>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="state">Passed to the factory.</param>
    /// <param name="factory">Loads the value.</param>
    /// <param name="policy">The name of a policy; null for that of the key.</param>
    /// <param name="tags">The tags of the value, unless the factory names others.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    /// <returns>The value.</returns>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<CacheLoadContext<T>, TState, CancellationToken, ValueTask<T>> factory,
        string? policy = null,
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

        if (_readsLocalByDefault && _engine.TryHit<T>(key, out var value))
        {
            return new(value);
        }

        var tagSet = TagSet.Copy(tags);
        if (!IsCacheable(key))
        {
            _parts.Meter.Missed();
            return factory(new CacheLoadContext<T>(null, null, null, 0), state, cancellationToken);
        }

        return _engine.GetAsync<ContextLoad<string, TState, T>, T>(
            key,
            new(state, factory),
            Terms(key, null, policy),
            tagSet,
            cancellationToken
        );
    }

    /// <summary>The value of a key as <see cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/> gives it, and where it came from.</summary>
    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> GetOrCreateResultAsync<TState, T>(
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
        cancellationToken.ThrowIfCancellationRequested();
        var terms = Terms(key, options);
        var tagSet = TagSet.Copy(tags);
        if (terms.Has(HybridCacheEntryFlags.DisableUnderlyingData))
        {
            return IsCacheable(key)
                ? _engine.GetResultAsync<NoLoad<string, T>, T>(key, default, terms, tagSet, cancellationToken)
                : default;
        }

        return IsCacheable(key)
            ? _engine.GetResultAsync<HybridLoad<string, TState, T>, T>(key, new(state, factory), terms, tagSet, cancellationToken)
            : UncachedAsync(factory(state, cancellationToken));

        static async ValueTask<CacheResult<T>> UncachedAsync(ValueTask<T> loading) =>
            new(CacheTier.Source, await loading.ConfigureAwait(false), TimeSpan.Zero, IsStale: false);
    }

    /// <summary>Looks into both tiers; nothing is loaded.</summary>
    /// <typeparam name="T">The type the value was cached as.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    /// <returns>The value and where it was, or that it was nowhere.</returns>
    public ValueTask<CacheResult<T>> GetAsync<T>(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<CacheResult<T>>(cancellationToken);
        }

        return IsCacheable(key) ? _engine.GetResultAsync<NoLoad<string, T>, T>(key, default, Reading(key), [], cancellationToken) : default;
    }

    /// <summary>Looks into both tiers for many keys: memory first, and one round trip for the rest. Nothing is loaded.</summary>
    /// <typeparam name="T">The type the values were cached as.</typeparam>
    /// <param name="keys">The keys; repetitions are no matter.</param>
    /// <param name="cancellationToken">Ends the waiting; what has been found by then is in memory.</param>
    /// <returns>The values of those keys that had one.</returns>
    public async ValueTask<IReadOnlyDictionary<string, T>> GetManyAsync<T>(
        IReadOnlyCollection<string> keys,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        if (keys.Contains(null!))
        {
            throw new ArgumentException("A key is null.", nameof(keys));
        }

        return await _engine
            .GetManyAsync<NoManyLoad<string, T>, T>(
                keys,
                default,
                Reading(""),
                _options.HasPolicyPerKey ? Reading : null,
                IsCacheable,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Looks into memory only: no waiting, no distributed tier, no load.</summary>
    /// <typeparam name="T">The type the value was cached as.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value (which may be a cached null), where true is returned.</param>
    /// <returns>Whether memory holds a valid <typeparamref name="T"/> under the key.</returns>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _engine.TryHit(key, out value) || _engine.Peek<T>(key).TryGet(out value);
    }

    /// <summary>The same without a string: the characters of the key are enough.</summary>
    /// <inheritdoc cref="TryGet{T}(string, out T)"/>
    public bool TryGet<T>(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out T value) =>
        _engine.TryHit(key, out value) || _engine.Peek<T>(key.ToString()).TryGet(out value);

    /// <summary>What the cache knows of a key, for people who wonder why it was, or was not, served. Changes nothing.</summary>
    /// <param name="key">The key.</param>
    /// <returns>What there is.</returns>
    public CacheExplanation Explain(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _engine.Explain(key, IsCacheable(key));
    }

    /// <summary>Empties memory and stops the cache. Loads that run return to their callers and are not stored.</summary>
    public void Dispose() => _parts.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Completes when the distributed tier has been told of everything decided so far.</summary>
    internal Task DrainAsync() => Task.WhenAll(_parts.Engines.SelectMany(engine => engine.Calls));

    private ValueTask<T> LoadAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        bool mayServe,
        CancellationToken cancellationToken
    )
    {
        // Once more, with all that may be said of an entry, before anything is made of the arguments.
        if (mayServe && _engine.TryServe<T>(key, out var value))
        {
            return new(value);
        }

        ObjectDisposedException.ThrowIf(_parts.IsDisposed, this);
        var terms = Terms(key, options);
        var loads = !terms.Has(HybridCacheEntryFlags.DisableUnderlyingData);
        var tagSet = TagSet.Copy(tags);
        if (!IsCacheable(key))
        {
            _parts.Meter.Missed();
            return loads ? factory(state, cancellationToken) : default;
        }

        return loads
            ? _engine.GetAsync<HybridLoad<string, TState, T>, T>(key, new(state, factory), terms, tagSet, cancellationToken)
            : _engine.GetAsync<NoLoad<string, T>, T>(key, default, terms, tagSet, cancellationToken);
    }

    private EntryTerms Terms(string key, HybridCacheEntryOptions? options, string? policy = null) =>
        EntryTerms.From(options, policy is null ? _options.PolicyOf(key) : _options.PolicyNamed(policy), _options.Flags);

    private EntryTerms Reading(string key)
    {
        var terms = EntryTerms.From(null, _options.PolicyOf(key), _options.Flags);
        return terms with { Flags = terms.Flags | HybridCacheEntryFlags.DisableUnderlyingData };
    }

    private bool ReadsLocal(HybridCacheEntryOptions? options) =>
        _readsLocalByDefault
        && (options?.Flags is not { } flags || (flags & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None);

    private bool IsCacheable(string key)
    {
        if (!string.IsNullOrWhiteSpace(key) && key.Length <= _options.MaximumKeyLength)
        {
            return true;
        }

        CacheLog.KeyNotCacheable(_parts.Logger);
        return false;
    }
}
