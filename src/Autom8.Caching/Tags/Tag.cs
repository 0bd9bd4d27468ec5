namespace Autom8.Caching.Tags;

/// <summary>What this node knows of one tag. <see cref="RemovedAt"/> is guarded by the registry; the rest by <see cref="Gate"/>.</summary>
internal sealed class Tag(string name)
{
    private long _removedAt;

    public string Name { get; } = name;

    public Lock Gate { get; } = new();

    /// <summary>Serialises this node's calls about the tag to the distributed tier, so that an older version never lands on a newer one.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>The epoch that the tag's last removal began; 0 for never.</summary>
    public long RemovedAt
    {
        get => Volatile.Read(ref _removedAt);
        set => Volatile.Write(ref _removedAt, value);
    }

    /// <summary>The tag's current version in the distributed tier as far as is known; 0 for not known.</summary>
    public ulong Version { get; set; }

    /// <summary>When the version was read or written, by the local clock.</summary>
    public long KnownAt { get; set; }

    /// <summary>The version was made here and is not certain to be in the distributed tier: it is in force on this node, and is not read over.</summary>
    public bool Pending { get; set; }

    /// <summary>A write of an older version that missed its deadline and may still land.</summary>
    public Task? Hung { get; set; }

    /// <summary>Dropped from the registry: whoever still holds it looks the tag up again.</summary>
    public bool Retired { get; set; }
}
