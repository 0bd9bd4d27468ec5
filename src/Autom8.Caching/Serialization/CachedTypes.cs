using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Serialization;

/// <summary>
/// Decides once per type how its values are kept. An instance is shared only where it cannot be changed by one caller under the eyes of another:
/// where the options or an attribute say so, or where its fields prove it (see <see cref="DeepImmutability"/>). Everything else is copied.
/// </summary>
internal sealed class CachedTypes(IServiceProvider services, IReadOnlySet<Type> immutable, bool distributed)
{
    private readonly ConcurrentDictionary<Type, object> _types = new();

    /// <exception cref="CacheSerializerMissingException">The type needs a serializer and has none.</exception>
    public CachedType<T> Get<T>() =>
        _types.TryGetValue(typeof(T), out var known)
            ? Unsafe.As<CachedType<T>>(known)
            : (CachedType<T>)_types.GetOrAdd(typeof(T), Resolve<T>());

    private CachedType<T> Resolve<T>()
    {
        var shared = IsImmutable<T>();
        var serializer = Registered<T>() ?? BuiltIn<T>();
        if (serializer is null && (distributed || !shared))
        {
            serializer =
                DefaultJson.Find<T>(services, out var cause) ?? throw CacheSerializerMissingException.For(typeof(T), distributed, cause);
        }

        return new CachedType<T>(shared, serializer);
    }

    private bool IsImmutable<T>() =>
        !RuntimeHelpers.IsReferenceOrContainsReferences<T>()
        || immutable.Contains(typeof(T))
        || DeepImmutability.IsProven(typeof(T), immutable, seesFields: RuntimeFeature.IsDynamicCodeSupported);

    private IHybridCacheSerializer<T>? Registered<T>()
    {
        if (services.GetService(typeof(IHybridCacheSerializer<T>)) is IHybridCacheSerializer<T> registered)
        {
            return registered;
        }

        // The last registration wins, as it does for the container's single services.
        if (services.GetService(typeof(IEnumerable<IHybridCacheSerializerFactory>)) is IEnumerable<IHybridCacheSerializerFactory> factories)
        {
            foreach (var factory in factories.Reverse())
            {
                if (factory.TryCreateSerializer<T>(out var made))
                {
                    return made;
                }
            }
        }

        return null;
    }

    private static IHybridCacheSerializer<T>? BuiltIn<T>() =>
        typeof(T) == typeof(string) ? (IHybridCacheSerializer<T>)(object)new StringSerializer()
        : typeof(T) == typeof(byte[]) ? (IHybridCacheSerializer<T>)(object)new BytesSerializer()
        : null;
}
