namespace Autom8.Client;

/// <summary>A queue as it stood on all nodes when it was read: what waits in it, and what somebody ruled of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Waiting">How many of its jobs are ready: due, or to be begun at a time to come.</param>
/// <param name="MaxRunning">How many of its jobs may be claimed at once on all nodes together; null for no limit.</param>
/// <param name="PausedAt">Since when nothing of it is begun; null while it is not paused.</param>
/// <param name="PausedBy">Who paused it.</param>
/// <param name="PausedReason">Why.</param>
public sealed record JobQueueState(
    string Name,
    long Waiting,
    int? MaxRunning,
    DateTimeOffset? PausedAt,
    string? PausedBy,
    string? PausedReason
);

internal sealed record QueueList(IReadOnlyList<JobQueueState> Items);

internal sealed record QueuePause(string? Reason);

internal sealed record QueueLimit(int? MaxRunning);
