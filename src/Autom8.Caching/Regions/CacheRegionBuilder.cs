using System.Diagnostics.CodeAnalysis;
using Autom8.Caching.Keys;
using Autom8.Caching.Registration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Autom8.Caching.Regions;

/// <summary>Chooses the loader and the key formatter of a region.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class CacheRegionBuilder<TKey, TValue>
    where TKey : notnull
{
    private readonly RegionRegistration<TKey, TValue> _registration;

    internal CacheRegionBuilder(CachingBuilder caching, RegionRegistration<TKey, TValue> registration)
    {
        Caching = caching;
        _registration = registration;
    }

    /// <summary>The cache the region is a part of, to go on with.</summary>
    public CachingBuilder Caching { get; }

    /// <summary>Loads values with <typeparamref name="TLoader"/>, made by the container in a scope of its own for each load.</summary>
    /// <typeparam name="TLoader">The loader.</typeparam>
    /// <returns>This builder.</returns>
    public CacheRegionBuilder<TKey, TValue> AddLoader<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TLoader
    >()
        where TLoader : class, ICacheLoader<TKey, TValue>
    {
        Caching.Services.Replace(
            ServiceDescriptor.KeyedScoped<ICacheLoader<TKey, TValue>, TLoader>(_registration.LoaderKey(Caching.ServiceKey))
        );
        _registration.HasLoader = true;
        return this;
    }

    /// <summary>Loads many values at once (and single ones, where there is no other loader) with <typeparamref name="TLoader"/>, made by the container in a scope of its own for each load.</summary>
    /// <typeparam name="TLoader">The loader.</typeparam>
    /// <returns>This builder.</returns>
    public CacheRegionBuilder<TKey, TValue> AddBatchLoader<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TLoader
    >()
        where TLoader : class, ICacheBatchLoader<TKey, TValue>
    {
        Caching.Services.Replace(
            ServiceDescriptor.KeyedScoped<ICacheBatchLoader<TKey, TValue>, TLoader>(_registration.LoaderKey(Caching.ServiceKey))
        );
        _registration.HasBatchLoader = true;
        return this;
    }

    /// <summary>Names keys of a type of the application's own.</summary>
    /// <param name="formatter">Writes and reads keys.</param>
    /// <returns>This builder.</returns>
    public CacheRegionBuilder<TKey, TValue> UseKeyFormatter(ICacheKeyFormatter<TKey> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _registration.Formatter = formatter;
        return this;
    }
}
