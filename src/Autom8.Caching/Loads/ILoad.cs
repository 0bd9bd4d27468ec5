namespace Autom8.Caching.Loads;

/// <summary>Where a value is loaded from. Implemented by structs, so that each kind of source is compiled into the load and captures nothing.</summary>
internal interface ILoad<TKey, T>
{
    /// <summary>Whether there is a source at all.</summary>
    bool Loads { get; }

    /// <summary>Whether it looks at a context.</summary>
    bool NeedsContext { get; }

    ValueTask<T> RunAsync(TKey key, CacheLoadContext<T>? context, CancellationToken cancellationToken);
}

/// <summary>Nothing is loaded.</summary>
internal readonly struct NoLoad<TKey, T> : ILoad<TKey, T>
{
    public bool Loads => false;

    public bool NeedsContext => false;

    public ValueTask<T> RunAsync(TKey key, CacheLoadContext<T>? context, CancellationToken cancellationToken) => default;
}

/// <summary>The factory of a call to <see cref="Microsoft.Extensions.Caching.Hybrid.HybridCache"/>.</summary>
internal readonly struct HybridLoad<TKey, TState, T>(TState state, Func<TState, CancellationToken, ValueTask<T>> factory) : ILoad<TKey, T>
{
    public bool Loads => true;

    public bool NeedsContext => false;

    public ValueTask<T> RunAsync(TKey key, CacheLoadContext<T>? context, CancellationToken cancellationToken) =>
        factory(state, cancellationToken);
}

/// <summary>A factory that looks at its context.</summary>
internal readonly struct ContextLoad<TKey, TState, T>(
    TState state,
    Func<CacheLoadContext<T>, TState, CancellationToken, ValueTask<T>> factory
) : ILoad<TKey, T>
{
    public bool Loads => true;

    public bool NeedsContext => true;

    public ValueTask<T> RunAsync(TKey key, CacheLoadContext<T>? context, CancellationToken cancellationToken) =>
        factory(context!, state, cancellationToken);
}

/// <summary>A factory that is told the key.</summary>
internal readonly struct KeyedLoad<TKey, TState, T>(TState state, Func<TKey, TState, CancellationToken, ValueTask<T>> factory)
    : ILoad<TKey, T>
{
    public bool Loads => true;

    public bool NeedsContext => false;

    public ValueTask<T> RunAsync(TKey key, CacheLoadContext<T>? context, CancellationToken cancellationToken) =>
        factory(key, state, cancellationToken);
}
