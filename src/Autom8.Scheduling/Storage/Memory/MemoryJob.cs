using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>A job's row.</summary>
internal sealed class MemoryJob : IHeapItem<MemoryJob>
{
    public required Guid Id { get; init; }

    /// <summary>The order in which jobs were added: of two that are due at once the earlier goes first.</summary>
    public required long Number { get; init; }

    public required string Job { get; init; }

    public required MemoryQueue Queue { get; init; }

    public required JobPriority Priority { get; init; }

    public JobState State { get; set; }

    public required DateTimeOffset DueAt { get; set; }

    public Guid? TaskId { get; init; }

    /// <summary>The jobs of the task; null where there is no task.</summary>
    public MemoryTaskJobs? OfTask { get; init; }

    public string? TaskName { get; init; }

    public DateTimeOffset? Slot { get; init; }

    public int? MaxActive { get; init; }

    public string? Payload { get; set; }

    public string? Policy { get; set; }

    public string? UniqueKey { get; init; }

    public string? DebounceKey { get; set; }

    public int Attempt { get; set; } = 1;

    public int Abandoned { get; set; }

    public long Claim { get; set; }

    public MemoryNode? Node { get; set; }

    public DateTimeOffset ClaimedAt { get; set; }

    public bool CancelRequested { get; set; }

    public string? Error { get; set; }

    public JobProgress? Progress { get; set; }

    /// <summary>How many jobs it still waits for.</summary>
    public int Open { get; set; }

    public int HeapIndex { get; set; }

    public DateTimeOffset ScheduledAt => Slot ?? DueAt;

    public bool IsBefore(MemoryJob other) => DueAt == other.DueAt ? Number < other.Number : DueAt < other.DueAt;

    public ClaimedJob Claimed() =>
        new()
        {
            Id = Id,
            Claim = Claim,
            Job = Job,
            Queue = Queue.Name,
            Priority = Priority,
            DueAt = DueAt,
            TaskId = TaskId,
            TaskName = TaskName,
            Slot = Slot,
            Payload = Payload,
            Policy = Policy,
            Attempt = Attempt,
            Abandoned = Abandoned,
        };

    public JobSnapshot Snapshot() =>
        new()
        {
            Id = Id,
            Job = Job,
            State = State,
            Queue = Queue.Name,
            Priority = Priority,
            DueAt = DueAt,
            TaskId = TaskId,
            Attempt = Attempt,
            Node = Node?.Name,
            Payload = Payload,
            ErrorMessage = Error,
            Progress = Progress,
        };
}
