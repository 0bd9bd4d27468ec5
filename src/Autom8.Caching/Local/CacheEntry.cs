using Autom8.Caching.Loads;

namespace Autom8.Caching.Local;

/// <summary>
/// What memory holds under a key: until when it is served, and which invalidations it has outlived. Four words beside the value: most of what a cache weighs is this, so what few entries need is in <see cref="Traits"/>,
/// and times are kept as milliseconds since its making, in 32 bits: an entry in memory lives 49 days at most, or for ever.
/// </summary>
/// <remarks>Times are milliseconds of <see cref="LocalClock"/>. Mutable fields are written by whoever serves the entry; a lost write costs a look at the slow path, never a wrong answer.</remarks>
internal abstract class CacheEntry(EntryTraits traits, long epoch)
{
    private const uint Never = uint.MaxValue;

    private long _epoch = epoch;
    private uint _attention;
    private uint _lifetime = Never;

    /// <summary>Tags, policy and whatever else entries made alike share.</summary>
    public EntryTraits Traits { get; } = traits;

    /// <summary>When it began to be made.</summary>
    public long CreatedAt { get; init; }

    /// <summary>The end of its time. Later it may still be served as stale, until <see cref="DiscardAt"/>.</summary>
    public long ExpiresAt
    {
        get => From(Volatile.Read(ref _lifetime));
        set => Volatile.Write(ref _lifetime, Since(value));
    }

    /// <summary>
    /// Until then a hit needs to look at nothing else. Then somebody must: it has expired, or is to be refreshed, or slides.
    /// </summary>
    public long AttentionAt
    {
        get => From(Volatile.Read(ref _attention));
        set => Volatile.Write(ref _attention, Since(value));
    }

    /// <summary>The same for the hit path, in one compare; one that never needs attention is looked at again after 49 days.</summary>
    public bool NeedsNoAttention(long now) => now - CreatedAt < Volatile.Read(ref _attention);

    /// <summary>The end of all use: it may be dropped.</summary>
    public long DiscardAt => ExpiresAt is var end && end == LocalClock.Never ? end : end + Traits.StaleFor;

    /// <summary>
    /// The invalidation epoch at which it was last found valid: the one in which its value began to be made, moved on by every look that found none of its tags removed since.
    /// While it is the current one, a hit costs one compare however many tags there are.
    /// </summary>
    public long Epoch
    {
        get => Volatile.Read(ref _epoch);
        set => Volatile.Write(ref _epoch, value);
    }

    /// <summary>The bytes of the value itself.</summary>
    public abstract long ValueBytes { get; }

    /// <summary>What a <see cref="ByteBudget"/> counts for it; 0 while it counts nothing. Where bytes are counted, an entry's traits are its own.</summary>
    public ref int Weight => ref Traits.Weight;

    private long From(uint milliseconds) => milliseconds == Never ? LocalClock.Never : CreatedAt + milliseconds;

    private uint Since(long time) => time == LocalClock.Never ? Never : (uint)Math.Clamp(time - CreatedAt, 0, Never - 1);
}
