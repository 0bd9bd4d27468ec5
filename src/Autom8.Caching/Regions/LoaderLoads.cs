using Autom8.Caching.Engine;
using Autom8.Caching.Loads;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Caching.Regions;

/// <summary>Which loaders a region has.</summary>
internal sealed record RegionLoaders<TKey, TValue>(IServiceScopeFactory Scopes, string ServiceKey, bool One, bool Many)
    where TKey : notnull
{
    public bool Any => One || Many;
}

/// <summary>One value from the region's loader, or from its batch loader.</summary>
internal readonly struct LoaderLoad<TKey, TValue>(RegionLoaders<TKey, TValue> loaders) : ILoad<TKey, TValue>
    where TKey : notnull
{
    public bool Loads => true;

    public bool NeedsContext => loaders.One;

    public async ValueTask<TValue> RunAsync(TKey key, CacheLoadContext<TValue>? context, CancellationToken cancellationToken)
    {
        var scope = loaders.Scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            if (loaders.One)
            {
                var loader = scope.ServiceProvider.GetRequiredKeyedService<ICacheLoader<TKey, TValue>>(loaders.ServiceKey);
                return await loader.LoadAsync(key, context!, cancellationToken).ConfigureAwait(false);
            }

            var sink = new SingleSink(key);
            var batch = scope.ServiceProvider.GetRequiredKeyedService<ICacheBatchLoader<TKey, TValue>>(loaders.ServiceKey);
            await batch.LoadAsync([key], sink, cancellationToken).ConfigureAwait(false);
            return sink.Value!;
        }
    }

    private sealed class SingleSink(TKey asked) : ICacheBatchSink<TKey, TValue>
    {
        public TValue? Value { get; private set; }

        public void Add(TKey key, TValue value) =>
            Value = EqualityComparer<TKey>.Default.Equals(key, asked)
                ? value
                : throw new InvalidOperationException($"The batch loader gave a value for the key '{key}', which was not asked for.");
    }
}

/// <summary>Many values from the region's batch loader, or one after another from its loader.</summary>
internal readonly struct LoaderManyLoad<TKey, TValue>(RegionLoaders<TKey, TValue> loaders) : IManyLoad<TKey, TValue>
    where TKey : notnull
{
    public bool Loads => loaders.Any;

    public async ValueTask RunAsync(IReadOnlyList<TKey> keys, Action<TKey, TValue> sink, CancellationToken cancellationToken)
    {
        var scope = loaders.Scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            if (loaders.Many)
            {
                var batch = scope.ServiceProvider.GetRequiredKeyedService<ICacheBatchLoader<TKey, TValue>>(loaders.ServiceKey);
                await batch.LoadAsync(keys, new Sink(sink), cancellationToken).ConfigureAwait(false);
                return;
            }

            // One after another: what a scope holds (a database context, say) is seldom fit for more.
            var loader = scope.ServiceProvider.GetRequiredKeyedService<ICacheLoader<TKey, TValue>>(loaders.ServiceKey);
            foreach (var key in keys)
            {
                var context = new CacheLoadContext<TValue>(null, null, null, 0);
                sink(key, await loader.LoadAsync(key, context, cancellationToken).ConfigureAwait(false));
            }
        }
    }

    private sealed class Sink(Action<TKey, TValue> add) : ICacheBatchSink<TKey, TValue>
    {
        public void Add(TKey key, TValue value) => add(key, value);
    }
}
