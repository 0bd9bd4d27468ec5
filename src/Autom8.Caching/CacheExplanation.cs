namespace Autom8.Caching;

/// <summary>What the cache knows of a key at one moment.</summary>
public sealed record CacheExplanation
{
    /// <summary>The key, as text.</summary>
    public required string Key { get; init; }

    /// <summary>The region; empty for the plain cache.</summary>
    public required string Region { get; init; }

    /// <summary>What there is, in one sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Whether a read would be served from memory.</summary>
    public bool IsServedFromMemory { get; init; }

    /// <summary>Whether memory holds an entry whose time is over, that may still be served when its policy says so.</summary>
    public bool IsStale { get; init; }

    /// <summary>How old the entry in memory is, where there is one.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>How long memory may still serve it, where there is an entry; null when it does not expire.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>The tags of the entry in memory.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Loads of the key that run right now.</summary>
    public int RunningLoads { get; init; }

    /// <summary>Whether the key is being set, removed or changed right now: loads are not stored.</summary>
    public bool IsBeingChanged { get; init; }

    /// <summary>The failure that is given to callers until its back-off ends, by type.</summary>
    public string? RecentFailure { get; init; }

    /// <summary>Whether a removal of the key has not reached the shared tier yet: it is neither read nor filled there.</summary>
    public bool IsInvalidationPending { get; init; }

    /// <summary>Whether the distributed tier is asked at all: there is one, and its circuit is closed.</summary>
    public bool IsDistributedTierAsked { get; init; }

    /// <summary>Whether memory is known to be within <see cref="DistributedTierOptions.MaxStaleness"/> of the other nodes. True where there are none.</summary>
    public bool IsMemoryConfirmed { get; init; }
}
