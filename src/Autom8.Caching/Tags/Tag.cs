using Autom8.Caching.Loads;

namespace Autom8.Caching.Tags;

/// <summary>What this node knows of one tag. <see cref="RemovedAt"/> is guarded by the registry; the rest by <see cref="Gate"/>.</summary>
internal sealed class Tag(string name, WorkQueue work)
{
    private long _removedAt;

    public string Name { get; } = name;

    public Lock Gate { get; } = new();

    /// <summary>Serialises this node's calls about the tag to the distributed tier, so that an older version never lands on a newer one.</summary>
    public Turns Turns { get; } = new(work);

    /// <summary>The epoch that the tag's last removal began; 0 for never.</summary>
    public long RemovedAt
    {
        get => Volatile.Read(ref _removedAt);
        set => Volatile.Write(ref _removedAt, value);
    }

    /// <summary>The tag's current version in the distributed tier as far as is known; 0 for not known.</summary>
    public ulong Version { get; set; }

    /// <summary>When the version was read, written or heard, by the local clock.</summary>
    public long KnownAt { get; set; }

    /// <summary>The version was made here and is not certain to be in the distributed tier: it is in force on this node, and is not read over.</summary>
    public bool Pending { get; set; }

    /// <summary>
    /// The version that was made here and whose message has not come back yet; 0 for none. Messages come in the order in which the versions took effect,
    /// so what others say of the tag before that one is older than ours.
    /// </summary>
    public ulong Awaited { get; set; }

    /// <summary>Moves with every removal that is heard of: what was read before one is not believed after it.</summary>
    public long Removals { get; set; }

    /// <summary>A write of an older version that missed its deadline and may still land.</summary>
    public Task? Hung { get; set; }

    /// <summary>Dropped from the registry: whoever still holds it looks the tag up again.</summary>
    public bool Retired { get; set; }
}
