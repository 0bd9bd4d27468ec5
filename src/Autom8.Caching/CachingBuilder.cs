using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Autom8.Caching.Distributed;
using Autom8.Caching.Regions;
using Autom8.Caching.Registration;
using Autom8.Caching.Serialization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Autom8.Caching;

/// <summary>Chooses the parts of the cache that <c>AddAutom8Caching</c> registers.</summary>
public sealed class CachingBuilder
{
    internal CachingBuilder(IServiceCollection services, object? serviceKey)
    {
        Services = services;
        ServiceKey = serviceKey;
    }

    /// <summary>The services the cache is registered in.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The key of a keyed registration; null for the cache of the application.</summary>
    public object? ServiceKey { get; }

    /// <summary>
    /// Uses the registered <see cref="IDistributedCache"/> as second tier. Without this call (or another <c>Use…</c>) there is memory only, whatever is registered.
    /// It carries no messages and grants no leases: the promise of invalidation then holds on this node only.
    /// </summary>
    /// <returns>This builder.</returns>
    public CachingBuilder UseDistributedCache() => UseDistributedCache(static services => services.GetRequiredService<IDistributedCache>());

    /// <summary>Uses a distributed cache of its own as second tier. The last call wins.</summary>
    /// <param name="make">Called once, when the cache is made.</param>
    /// <returns>This builder.</returns>
    public CachingBuilder UseDistributedCache(Func<IServiceProvider, IDistributedCache> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        return UseSharedCache(services => new DistributedCacheAdapter(make(services)));
    }

    /// <summary>Uses a tier that nodes share and that keeps them true to one another: <c>UseRedis</c> does, and so do tests with <see cref="Testing.InMemorySharedCache"/>. The last call wins.</summary>
    /// <param name="make">Called once, when the cache is made.</param>
    /// <returns>This builder.</returns>
    public CachingBuilder UseSharedCache(Func<IServiceProvider, ISharedCache> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        return Replace(new ServiceDescriptor(typeof(SharedCacheChoice), ServiceKey, new SharedCacheChoice(make)));
    }

    /// <summary>Seals everything that goes into the second tier.</summary>
    /// <typeparam name="TProtector">The protector, made by the container.</typeparam>
    /// <returns>This builder.</returns>
    public CachingBuilder UsePayloadProtector<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProtector>()
        where TProtector : class, ICachePayloadProtector =>
        Replace(new ServiceDescriptor(typeof(ICachePayloadProtector), ServiceKey, typeof(TProtector), ServiceLifetime.Singleton));

    /// <summary>Seals everything that goes into the second tier. The last call wins.</summary>
    /// <param name="make">Called once.</param>
    /// <returns>This builder.</returns>
    public CachingBuilder UsePayloadProtector(Func<IServiceProvider, ICachePayloadProtector> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        return Replace(
            new ServiceDescriptor(typeof(ICachePayloadProtector), ServiceKey, (services, _) => make(services), ServiceLifetime.Singleton)
        );
    }

    /// <summary>Seals everything that goes into the second tier. The last call wins.</summary>
    /// <param name="protector">The protector.</param>
    /// <returns>This builder.</returns>
    public CachingBuilder UsePayloadProtector(ICachePayloadProtector protector)
    {
        ArgumentNullException.ThrowIfNull(protector);
        return Replace(new ServiceDescriptor(typeof(ICachePayloadProtector), ServiceKey, protector));
    }

    /// <summary>
    /// Copies and stores values of <typeparamref name="T"/> as UTF-8 JSON through source-generated metadata (no reflection). When the shape of the type changes, older payloads are misses.
    /// </summary>
    /// <typeparam name="T">The exact type that is cached.</typeparam>
    /// <param name="type">From a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>, for example <c>MyContext.Default.Product</c>.</param>
    /// <returns>This builder.</returns>
    public CachingBuilder AddJsonSerializer<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        Services.Replace(ServiceDescriptor.Singleton<IHybridCacheSerializer<T>>(new JsonCacheSerializer<T>(type)));
        return this;
    }

    /// <summary>
    /// Adds a region: <see cref="ICacheRegion{TKey, TValue}"/> is registered, and under the region's name as key, too (in a keyed cache only so, as <c>KEY:NAME</c>). Keys are strings, GUIDs, integers, enums, dates, or what
    /// <see cref="CacheRegionBuilder{TKey, TValue}.UseKeyFormatter"/> names.
    /// </summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="name">The region's name: one to 64 letters, digits, <c>.</c>, <c>-</c> and <c>_</c>; a name of its own for each.</param>
    /// <param name="configure">Says what is different from the defaults of <see cref="CacheRegionOptions"/>. The section <c>Autom8:Caching:Regions:NAME</c> says the rest.</param>
    /// <returns>A builder that chooses the region's loader.</returns>
    public CacheRegionBuilder<TKey, TValue> AddRegion<TKey, TValue>(string name, Action<CacheRegionOptions>? configure = null)
        where TKey : notnull
    {
        RegionRegistration.CheckName(name);
        var registration = new RegionRegistration<TKey, TValue>(name, configure);
        var key = RegionRegistration.ServiceKey(ServiceKey, name);
        Services.Add(
            new ServiceDescriptor(
                typeof(ICacheRegion<TKey, TValue>),
                key,
                (services, _) => registration.Make(services, ServiceKey),
                ServiceLifetime.Singleton
            )
        );
        if (ServiceKey is null)
        {
            Services.Replace(ServiceDescriptor.Singleton(services => services.GetRequiredKeyedService<ICacheRegion<TKey, TValue>>(name)));
        }

        return new CacheRegionBuilder<TKey, TValue>(this, registration);
    }

    private CachingBuilder Replace(ServiceDescriptor descriptor)
    {
        Services.Replace(descriptor);
        return this;
    }
}
