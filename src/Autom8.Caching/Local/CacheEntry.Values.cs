using Autom8.Caching.Loads;
using Autom8.Caching.Serialization;

namespace Autom8.Caching.Local;

/// <summary>A value of <typeparamref name="T"/>.</summary>
internal abstract class CacheEntry<T>(EntryTraits traits, long epoch) : CacheEntry(traits, epoch)
{
    /// <summary>The instance, or a copy of it that is the caller's own.</summary>
    public abstract T Value { get; }

    /// <summary>The serialised value, where it is kept so.</summary>
    public abstract ReadOnlyMemory<byte> Payload { get; }

    public abstract bool IsShared { get; }
}

/// <summary>A value that cannot change: every reader is handed the same instance.</summary>
internal sealed class SharedEntry<T>(T value, EntryTraits traits, long epoch) : CacheEntry<T>(traits, epoch)
{
    private readonly T _value = value;

    public T Instance => _value;

    public override T Value => _value;

    public override ReadOnlyMemory<byte> Payload => default;

    public override bool IsShared => true;

    public override long ValueBytes => Traits.ValueBytes;
}

/// <summary>A value that could change: every reader is handed a copy.</summary>
internal sealed class CopiedEntry<T>(ReadOnlyMemory<byte> payload, CachedType<T> type, EntryTraits traits, long epoch)
    : CacheEntry<T>(traits, epoch)
{
    public override T Value => type.Deserialize(payload);

    public override ReadOnlyMemory<byte> Payload => payload;

    public override bool IsShared => false;

    public override long ValueBytes => payload.Length;
}
