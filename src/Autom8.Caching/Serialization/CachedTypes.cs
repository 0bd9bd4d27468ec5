using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Caching.Serialization;

/// <summary>
/// Decides once per type how its values are kept. An instance is shared only where it cannot be changed by one caller under the eyes of another:
/// strings, structs that hold no references, sealed types marked <c>[ImmutableObject(true)]</c>, and what the options declare. Fields are not looked at:
/// under AOT reflection may not see them, and a guess that differs between builds is worse than a rule.
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
        var serializer = FindSerializer<T>();
        return serializer is null && (distributed || !shared)
            ? throw CacheSerializerMissingException.For(typeof(T), distributed)
            : new CachedType<T>(shared, serializer);
    }

    private bool IsImmutable<T>() =>
        typeof(T) == typeof(string)
        || !RuntimeHelpers.IsReferenceOrContainsReferences<T>()
        || immutable.Contains(typeof(T))
        || (
            typeof(T).IsSealed
            && Attribute.GetCustomAttribute(typeof(T), typeof(ImmutableObjectAttribute), inherit: false)
                is ImmutableObjectAttribute { Immutable: true }
        );

    private IHybridCacheSerializer<T>? FindSerializer<T>()
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

        return BuiltIn<T>();
    }

    private static IHybridCacheSerializer<T>? BuiltIn<T>()
    {
        if (typeof(T) == typeof(string))
        {
            return (IHybridCacheSerializer<T>)(object)new StringSerializer();
        }

        if (typeof(T) == typeof(byte[]))
        {
            return (IHybridCacheSerializer<T>)(object)new BytesSerializer();
        }

        return ScalarJsonContext.Default.GetTypeInfo(typeof(T)) is System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> scalar
            ? new JsonCacheSerializer<T>(scalar)
            : null;
    }
}
