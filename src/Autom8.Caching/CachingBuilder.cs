using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Autom8.Caching.Distributed;
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
    internal CachingBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services the cache is registered in.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Uses the registered <see cref="IDistributedCache"/> as second tier. Without this call (or another <c>Use…</c>) there is memory only, whatever is registered.</summary>
    /// <returns>This builder.</returns>
    public CachingBuilder UseDistributedCache() => UseDistributedCache(static services => services.GetRequiredService<IDistributedCache>());

    /// <summary>Uses a distributed cache of its own as second tier. The last call wins.</summary>
    /// <param name="make">Called once, when the cache is made.</param>
    /// <returns>This builder.</returns>
    public CachingBuilder UseDistributedCache(Func<IServiceProvider, IDistributedCache> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        Services.Replace(ServiceDescriptor.Singleton(new DistributedCacheChoice(make)));
        return this;
    }

    /// <summary>Seals everything that goes into the second tier.</summary>
    /// <typeparam name="TProtector">The protector, made by the container.</typeparam>
    /// <returns>This builder.</returns>
    public CachingBuilder UsePayloadProtector<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProtector>()
        where TProtector : class, ICachePayloadProtector
    {
        Services.Replace(ServiceDescriptor.Singleton<ICachePayloadProtector, TProtector>());
        return this;
    }

    /// <summary>Seals everything that goes into the second tier. The last call wins.</summary>
    /// <param name="make">Called once.</param>
    /// <returns>This builder.</returns>
    public CachingBuilder UsePayloadProtector(Func<IServiceProvider, ICachePayloadProtector> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        Services.Replace(ServiceDescriptor.Singleton(make));
        return this;
    }

    /// <summary>Seals everything that goes into the second tier. The last call wins.</summary>
    /// <param name="protector">The protector.</param>
    /// <returns>This builder.</returns>
    public CachingBuilder UsePayloadProtector(ICachePayloadProtector protector)
    {
        ArgumentNullException.ThrowIfNull(protector);
        Services.Replace(ServiceDescriptor.Singleton(protector));
        return this;
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
}
