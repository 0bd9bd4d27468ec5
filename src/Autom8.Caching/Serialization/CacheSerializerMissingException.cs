namespace Autom8.Caching.Serialization;

/// <summary>
/// A value can neither be shared (its type is not known to be immutable) nor copied (no serializer for it is registered), or a distributed tier is used and no serializer is registered.
/// The message names what to register. Thrown at the first use of the type, not when an outage brings it to light.
/// </summary>
public sealed class CacheSerializerMissingException : InvalidOperationException
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public CacheSerializerMissingException() { }

    /// <summary>Makes an exception with a message.</summary>
    public CacheSerializerMissingException(string message)
        : base(message) { }

    /// <summary>Makes an exception with a message and a cause.</summary>
    public CacheSerializerMissingException(string message, Exception innerException)
        : base(message, innerException) { }

    internal static CacheSerializerMissingException For(Type type, bool distributed) =>
        new(
            distributed
                ? $"{type} cannot be written to the distributed cache: no serializer is registered for it. "
                    + $"Call AddJsonSerializer(YourContext.Default.{type.Name}) on the builder that AddAutom8Caching returns, or register an IHybridCacheSerializer<{type.Name}>."
                : $"{type} cannot be cached: it is not known to be immutable, so callers must not share it, and no serializer is registered that could copy it. "
                    + $"Call ShareImmutable<{type.Name}>() on the caching options if it never changes (or seal it and mark it [ImmutableObject(true)]); "
                    + $"otherwise call AddJsonSerializer(YourContext.Default.{type.Name}) on the builder, or register an IHybridCacheSerializer<{type.Name}>."
        );
}
