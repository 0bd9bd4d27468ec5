namespace Autom8.Scheduling.Tasks;

/// <summary>One run of a job: of an occurrence of a task, or of a job that was enqueued.</summary>
public sealed record TaskExecution
{
    /// <summary>The longest error that is kept, in characters.</summary>
    public const int MaxErrorLength = 2_000;

    /// <summary>The claim it was run under: the fencing token that the job was handed, and the order of the history.</summary>
    public required long Id { get; init; }

    /// <summary>The job that was run; the executions of one job are the attempts at it.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The task; null for a job that was enqueued by itself.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>The registered name of the job.</summary>
    public required string Job { get; init; }

    /// <summary>The occurrence that was run; for an enqueued job, when it was due.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }

    /// <summary>When it started, by the store's clock; when it was claimed, while it runs.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, however it did; null while it runs.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>How it went.</summary>
    public ExecutionStatus Status { get; init; }

    /// <summary>Type and message of what went wrong, cut to <see cref="MaxErrorLength"/>.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>1, or more when earlier runs of this occurrence failed or were abandoned.</summary>
    public required int Attempt { get; init; }

    /// <summary>The process that ran it.</summary>
    public required string Node { get; init; }

    /// <summary>What the job left as its output.</summary>
    public string? Output { get; init; }

    /// <summary>What the job wrote to its log.</summary>
    public string? Log { get; init; }
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

    /// <summary>Somebody cancelled it, or another occurrence replaced it.</summary>
    Cancelled,

    /// <summary>Its process stopped; the same occurrence is run again, and no attempt is counted.</summary>
    Interrupted,

    /// <summary>Its node died, or was not heard of for the length of a lease.</summary>
    Abandoned,

    /// <summary>The job asked to be run again later.</summary>
    Snoozed,
}
