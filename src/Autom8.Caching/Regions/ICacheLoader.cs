namespace Autom8.Caching.Regions;

/// <summary>
/// Loads the values of a region. Made by the container in a scope of its own for each load, so that what it is given (a database context, say) is there until the load is done, whatever has become of the request.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public interface ICacheLoader<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Loads one value. A null is remembered as <see cref="CachePolicy.NegativeExpiration"/> says; an exception is given to all who wait.</summary>
    /// <param name="key">The key.</param>
    /// <param name="context">What was there before, and what may be said of the value.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits any more, or the load takes too long.</param>
    ValueTask<TValue> LoadAsync(TKey key, CacheLoadContext<TValue> context, CancellationToken cancellationToken);
}

/// <summary>Loads the values of many keys of a region at once, as one query with <c>IN</c> does. Made by the container in a scope of its own for each load.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public interface ICacheBatchLoader<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Gives the sink the values that there are. A key that it is not given has no value.</summary>
    /// <param name="keys">The keys, each once.</param>
    /// <param name="sink">Takes values in any order, until the call has completed.</param>
    /// <param name="cancellationToken">Cancelled when the load takes too long.</param>
    ValueTask LoadAsync(IReadOnlyList<TKey> keys, ICacheBatchSink<TKey, TValue> sink, CancellationToken cancellationToken);
}

/// <summary>Takes what a batch loader brings. Not for concurrent use.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public interface ICacheBatchSink<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Gives a value.</summary>
    /// <exception cref="InvalidOperationException">The key was not asked for.</exception>
    void Add(TKey key, TValue value);
}
