namespace Autom8.Scheduling.Jobs;

/// <summary>A queue that somebody paused or limited, on all nodes.</summary>
public sealed record QueueState
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How many of its jobs may be claimed at once on all nodes together; null for as many as executors have room for.</summary>
    public int? MaxRunning { get; init; }

    /// <summary>Since when nothing of it is begun; null while it is not paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Who paused it.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why.</summary>
    public string? PausedReason { get; init; }
}
