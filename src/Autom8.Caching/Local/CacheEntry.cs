using Autom8.Caching.Serialization;

namespace Autom8.Caching.Local;

/// <summary>What memory holds under a key: when it expires, and which invalidations it has outlived.</summary>
internal abstract class CacheEntry(long epoch, string[] tags)
{
    private long _checkedEpoch = epoch;

    /// <summary>The invalidation epoch when the value began to be made: whatever was removed since then makes it invalid.</summary>
    public long Epoch { get; } = epoch;

    public string[] Tags { get; } = tags;

    /// <summary>In milliseconds of <see cref="LocalClock"/>. Set before the entry is published.</summary>
    public long ExpiresAt { get; set; } = LocalClock.Never;

    /// <summary>The last epoch at which the entry was found valid: while it is the current one, a hit costs one compare however many tags there are.</summary>
    public long CheckedEpoch
    {
        get => Volatile.Read(ref _checkedEpoch);
        set => Volatile.Write(ref _checkedEpoch, value);
    }
}

/// <summary>A value of <typeparamref name="T"/>: the instance itself where it may be shared, otherwise its bytes, of which each reader gets a copy of its own.</summary>
internal sealed class CacheEntry<T> : CacheEntry
{
    private readonly T _shared;
    private readonly CachedType<T>? _type;

    public CacheEntry(T shared, long epoch, string[] tags)
        : base(epoch, tags) => _shared = shared;

    public CacheEntry(ReadOnlyMemory<byte> payload, CachedType<T> type, long epoch, string[] tags)
        : base(epoch, tags)
    {
        Payload = payload;
        _type = type;
        _shared = default!;
    }

    /// <summary>The serialised value, where the instance may not be shared.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    public bool IsShared => _type is null;

    public T Value => _type is null ? _shared : _type.Deserialize(Payload);
}
