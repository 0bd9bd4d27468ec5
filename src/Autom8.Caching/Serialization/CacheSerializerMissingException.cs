namespace Autom8.Caching.Serialization;

/// <summary>
/// A value can neither be shared (its type is not known to be immutable) nor copied (no serializer for it is registered, and JSON cannot restore it), or a distributed tier is used and there is no serializer.
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

    internal static CacheSerializerMissingException For(Type type, bool distributed, Exception? cause)
    {
        var none = cause is null
            ? "no serializer is registered for it"
            : $"no serializer is registered for it, and JSON cannot restore it ({cause.Message.TrimEnd('.')})";
        var message = distributed
            ? $"{type} cannot be written to the distributed cache: {none}. "
                + $"Call AddJsonSerializer(YourContext.Default.{type.Name}) on the builder that AddAutom8Caching returns, or register an IHybridCacheSerializer<{type.Name}>."
            : $"{type} cannot be cached: it is not known to be immutable, so callers must not share it, and it cannot be copied: {none}. "
                + $"Call ShareImmutable<{type.Name}>() on the caching options if it never changes (or seal it and mark it [ImmutableObject(true)]); "
                + $"otherwise call AddJsonSerializer(YourContext.Default.{type.Name}) on the builder, or register an IHybridCacheSerializer<{type.Name}>.";
        return cause is null ? new(message) : new(message, cause);
    }
}
