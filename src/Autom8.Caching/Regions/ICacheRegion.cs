using System.Diagnostics.CodeAnalysis;

namespace Autom8.Caching.Regions;

/// <summary>
/// A part of the cache with keys of one type and values of one type: no strings to build, no two types under one key, memory and a policy of its own. Invalidation and loads are those of <see cref="TieredCache"/>.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>Safe for any number of threads. Strict: a null, blank or over-long key is an argument error.</remarks>
public interface ICacheRegion<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The region's name: part of what its entries are called in the shared tier.</summary>
    string Name { get; }

    /// <summary>Looks into memory only.</summary>
    bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value);

    /// <summary>Looks into memory only, for a value that is not due to be refreshed either: one that a read may serve with nothing else to do. The fast half of <see cref="GetOrCreateAsync"/>.</summary>
    bool TryGetFresh(TKey key, [MaybeNullWhen(false)] out TValue value);

    /// <summary>The value of a key, loaded by the registered loader where it is not cached. A batch loader that has no value for the key gives the default of <typeparamref name="TValue"/>.</summary>
    /// <exception cref="InvalidOperationException">No loader is registered for the region.</exception>
    ValueTask<TValue> GetAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>The same, and where the value came from.</summary>
    /// <exception cref="InvalidOperationException">No loader is registered for the region.</exception>
    ValueTask<CacheResult<TValue>> GetResultAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Looks into both tiers; nothing is loaded.</summary>
    ValueTask<CacheResult<TValue>> FindAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>The value of a key, loaded by this factory where it is not cached.</summary>
    /// <remarks>Not virtual: a hit does without the look-up that a generic virtual call costs, about half of what it takes. Implementations have <see cref="TryGetFresh"/> and <see cref="CreateAsync"/>.</remarks>
    sealed ValueTask<TValue> GetOrCreateAsync<TState>(
        TKey key,
        TState state,
        Func<TKey, TState, CancellationToken, ValueTask<TValue>> factory,
        CancellationToken cancellationToken = default
    ) => TryGetFresh(key, out var value) ? new(value) : CreateAsync(key, state, factory, cancellationToken);

    /// <summary>The other half of <see cref="GetOrCreateAsync"/>: the value of a key that memory has no fresh one of, from the shared tier or from this factory.</summary>
    ValueTask<TValue> CreateAsync<TState>(
        TKey key,
        TState state,
        Func<TKey, TState, CancellationToken, ValueTask<TValue>> factory,
        CancellationToken cancellationToken = default
    );

    /// <summary>
    /// The values of many keys: memory, then one read of the shared tier, then one run of the batch loader (or one of the loader for each key) for the rest. Without a loader the rest is left out.
    /// </summary>
    /// <returns>The values of those keys that have one.</returns>
    ValueTask<IReadOnlyDictionary<TKey, TValue>> GetManyAsync(
        IReadOnlyCollection<TKey> keys,
        CancellationToken cancellationToken = default
    );

    /// <summary>Stores a value in both tiers.</summary>
    ValueTask<InvalidationStatus> SetAsync(TKey key, TValue value, CancellationToken cancellationToken = default);

    /// <summary>Removes a key from both tiers.</summary>
    ValueTask<InvalidationStatus> RemoveAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Removes everything in the region, on every node.</summary>
    ValueTask<InvalidationStatus> ClearAsync(CancellationToken cancellationToken = default);

    /// <summary>Begins a change of what is behind these keys; see <see cref="CacheChange"/>.</summary>
    ValueTask<CacheChange> BeginChangeAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken = default);

    /// <summary>What the cache knows of a key.</summary>
    CacheExplanation Explain(TKey key);
}
