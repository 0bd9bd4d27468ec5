using Autom8.Scheduling.Jobs;

namespace Autom8.AspNetCore;

/// <summary>A queue as it stood on all nodes when it was read: what waits in it, and what somebody ruled of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Waiting">How many of its jobs are ready: due, or to be begun at a time to come.</param>
/// <param name="MaxRunning">How many of its jobs may be claimed at once on all nodes together; null for no limit.</param>
/// <param name="PausedAt">Since when nothing of it is begun; null while it is not paused.</param>
/// <param name="PausedBy">Who paused it.</param>
/// <param name="PausedReason">Why.</param>
public sealed record QueueResponse(
    string Name,
    long Waiting,
    int? MaxRunning,
    DateTimeOffset? PausedAt,
    string? PausedBy,
    string? PausedReason
)
{
    internal static QueueResponse From(QueueState queue) =>
        new(queue.Name, queue.Waiting, queue.MaxRunning, queue.PausedAt, queue.PausedBy, queue.PausedReason);
}

/// <summary>The queues that are paused or limited, or have jobs that wait, by name.</summary>
/// <param name="Items">The queues.</param>
public sealed record QueueListResponse(IReadOnlyList<QueueResponse> Items);

/// <summary>Why a queue is paused.</summary>
/// <param name="Reason">At most 500 characters; kept while it is paused.</param>
public sealed record QueuePauseRequest(string? Reason = null);

/// <summary>How much of a queue may run.</summary>
/// <param name="MaxRunning">How many of its jobs may be claimed at once on all nodes together, 1 to 100,000; null for no limit.</param>
public sealed record QueueLimitRequest(int? MaxRunning);

/// <summary>What the audit trail keeps of a command to a queue: never the reason's text.</summary>
internal sealed record QueueAuditDetails(bool Paused, int? MaxRunning);
