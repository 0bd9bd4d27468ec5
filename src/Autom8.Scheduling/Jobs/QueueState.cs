namespace Autom8.Scheduling.Jobs;

/// <summary>A queue as it stood on all nodes when it was read: what waits in it, and what somebody ruled of it.</summary>
public sealed record QueueState
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How many of its jobs are ready: due, or to be begun at a time to come. Those that wait for their task or for other jobs are not among them.</summary>
    public long Waiting { get; init; }

    /// <summary>How many of its jobs may be claimed at once on all nodes together; null for as many as executors have room for.</summary>
    public int? MaxRunning { get; init; }

    /// <summary>Since when nothing of it is begun; null while it is not paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Who paused it.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why.</summary>
    public string? PausedReason { get; init; }
}
