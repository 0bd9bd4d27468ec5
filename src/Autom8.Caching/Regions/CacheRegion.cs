using System.Diagnostics.CodeAnalysis;
using Autom8.Caching.Engine;
using Autom8.Caching.Loads;

namespace Autom8.Caching.Regions;

/// <summary>A region: an engine of its own behind a typed door.</summary>
internal sealed class CacheRegion<TKey, TValue>(
    CacheEngine<TKey> engine,
    CachePolicy policy,
    RegionLoaders<TKey, TValue> loaders,
    CachingOptions options
) : ICacheRegion<TKey, TValue>
    where TKey : notnull
{
    private readonly EntryTerms _terms = EntryTerms.From(null, policy, options.Flags);

    public string Name => engine.Region;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (engine.TryHit(key, out value))
        {
            return true;
        }

        Check(key);
        return engine.Peek<TValue>(key).TryGet(out value);
    }

    public bool TryGetFresh(TKey key, [MaybeNullWhen(false)] out TValue value) => engine.TryHit(key, out value);

    public ValueTask<TValue> GetAsync(TKey key, CancellationToken cancellationToken = default) =>
        engine.TryHit<TValue>(key, out var value) ? new(value) : LoadAsync(key, cancellationToken);

    public ValueTask<CacheResult<TValue>> GetResultAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Check(key);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<CacheResult<TValue>>(cancellationToken)
            : engine.GetResultAsync<LoaderLoad<TKey, TValue>, TValue>(key, Loader(), _terms, engine.OwnTags, cancellationToken);
    }

    public ValueTask<CacheResult<TValue>> FindAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Check(key);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<CacheResult<TValue>>(cancellationToken)
            : engine.GetResultAsync<NoLoad<TKey, TValue>, TValue>(key, default, _terms.WithoutLoad(), engine.OwnTags, cancellationToken);
    }

    public ValueTask<TValue> CreateAsync<TState>(
        TKey key,
        TState state,
        Func<TKey, TState, CancellationToken, ValueTask<TValue>> factory,
        CancellationToken cancellationToken = default
    )
    {
        Check(key);
        ArgumentNullException.ThrowIfNull(factory);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<TValue>(cancellationToken)
            : engine.GetAsync<KeyedLoad<TKey, TState, TValue>, TValue>(key, new(state, factory), _terms, engine.OwnTags, cancellationToken);
    }

    public async ValueTask<IReadOnlyDictionary<TKey, TValue>> GetManyAsync(
        IReadOnlyCollection<TKey> keys,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var key in keys)
        {
            Check(key);
        }

        return await engine
            .GetManyAsync<LoaderManyLoad<TKey, TValue>, TValue>(
                keys,
                new LoaderManyLoad<TKey, TValue>(loaders),
                loaders.Any ? _terms : _terms.WithoutLoad(),
                termsOf: null,
                static _ => true,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public ValueTask<InvalidationStatus> SetAsync(TKey key, TValue value, CancellationToken cancellationToken = default)
    {
        Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        return engine.SetAsync(key, value, _terms, engine.OwnTags);
    }

    public ValueTask<InvalidationStatus> RemoveAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        return engine.RemoveAsync(key);
    }

    public ValueTask<InvalidationStatus> ClearAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var removal = engine.Parts.Tags.RemoveAsync(engine.OwnTags[0]);
        engine.ClearMemory();
        return removal;
    }

    public ValueTask<CacheChange> BeginChangeAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var key in keys)
        {
            Check(key);
        }

        return engine.BeginChangeAsync(keys, options.Distributed.FenceLifetime);
    }

    public CacheExplanation Explain(TKey key)
    {
        Check(key);
        return engine.Explain(key, cacheable: true);
    }

    private ValueTask<TValue> LoadAsync(TKey key, CancellationToken cancellationToken)
    {
        Check(key);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<TValue>(cancellationToken)
            : engine.GetAsync<LoaderLoad<TKey, TValue>, TValue>(key, Loader(), _terms, engine.OwnTags, cancellationToken);
    }

    private LoaderLoad<TKey, TValue> Loader() =>
        loaders.Any
            ? new LoaderLoad<TKey, TValue>(loaders)
            : throw new InvalidOperationException(
                $"The region '{Name}' has no loader. Register one with AddLoader on the builder that AddRegion returns, or call GetOrCreateAsync with a factory."
            );

    private void Check(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key is string text)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(text, nameof(key));
            if (text.Length > options.MaximumKeyLength)
            {
                throw new ArgumentException(
                    $"The key has {text.Length} characters; at most {options.MaximumKeyLength} are allowed.",
                    nameof(key)
                );
            }
        }
    }
}
