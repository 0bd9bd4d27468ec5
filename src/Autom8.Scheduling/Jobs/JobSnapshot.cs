namespace Autom8.Scheduling.Jobs;

/// <summary>A job as it stood when it was read.</summary>
public sealed record JobSnapshot
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The registered job that it runs.</summary>
    public required string Job { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobState State { get; init; }

    /// <summary>Its queue; null when it is finished.</summary>
    public string? Queue { get; init; }

    /// <summary>Its priority.</summary>
    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>When it is, or was, to be begun.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The task whose occurrence it is; null for one that was enqueued by itself.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>The how-manieth attempt it is at.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The node that has it.</summary>
    public string? Node { get; init; }

    /// <summary>JSON text handed to the job; null when there is none or it is finished.</summary>
    public string? Payload { get; init; }

    /// <summary>How far the run has come, as it said last; null when it says nothing.</summary>
    public JobProgress? Progress { get; init; }

    /// <summary>What went wrong last, for a dead one.</summary>
    public string? ErrorMessage { get; init; }
}
