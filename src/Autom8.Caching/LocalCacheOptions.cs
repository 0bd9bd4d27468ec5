namespace Autom8.Caching;

/// <summary>The bounds of a memory tier and the policy of its entries.</summary>
public abstract class LocalCacheOptions : CachePolicy
{
    private protected LocalCacheOptions() { }

    /// <summary>Entries held in memory at most. At least 3; 10,000 unless set.</summary>
    public int Capacity { get; set; } = 10_000;

    /// <summary>
    /// Bytes held in memory at most, beside <see cref="Capacity"/>. An entry weighs what it takes when serialised, or what <see cref="Weigh"/> says, and what the cache itself needs for it.
    /// Null unless set: only entries are counted.
    /// </summary>
    public long? MaximumBytes { get; set; }

    /// <summary>Which entries leave first. The least recently used unless set.</summary>
    public EvictionPolicy Eviction { get; set; }

    /// <summary>The bytes a value takes in memory, where it is shared rather than kept in serialised form. Only asked when <see cref="MaximumBytes"/> is set; must be quick and must not throw.</summary>
    public Func<object, long>? Weigh { get; set; }
}
