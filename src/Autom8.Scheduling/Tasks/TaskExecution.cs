namespace Autom8.Scheduling.Tasks;

/// <summary>One run of a task.</summary>
public sealed record TaskExecution
{
    /// <summary>The longest error that is kept, in characters.</summary>
    public const int MaxErrorLength = 2_000;

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The task.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>The occurrence that was run.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }

    /// <summary>When it started, by the store's clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, however it did.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>How it went.</summary>
    public ExecutionStatus Status { get; init; }

    /// <summary>Type and message of what went wrong, cut to <see cref="MaxErrorLength"/>.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>1, or more when earlier runs of this occurrence were abandoned.</summary>
    public required int Attempt { get; init; }

    /// <summary>The task's how-manieth claim this was: the fencing token, and the order of the history.</summary>
    public required long Claim { get; init; }

    /// <summary>The process that ran it.</summary>
    public required string Node { get; init; }
}

/// <summary>How a run went.</summary>
public enum ExecutionStatus
{
    /// <summary>It is running, or was when its node was last heard of.</summary>
    Running,

    /// <summary>The job returned.</summary>
    Succeeded,

    /// <summary>The job threw, took too long, or could not be begun.</summary>
    Failed,

    /// <summary>The process stopped; the same occurrence is run again.</summary>
    Cancelled,

    /// <summary>Its node was not heard of for the length of a lease.</summary>
    Abandoned,
}
