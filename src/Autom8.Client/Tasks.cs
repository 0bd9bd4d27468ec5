using System.Text.Json.Serialization;

namespace Autom8.Client;

/// <summary>A scheduled task.</summary>
public sealed record ScheduledTask
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its name, which no other has.</summary>
    public required string Name { get; init; }

    /// <summary>The registered job that it runs.</summary>
    public required string Job { get; init; }

    /// <summary>When it runs: a cron expression, or another text that the service's scheduler reads.</summary>
    public required string Schedule { get; init; }

    /// <summary>The time zone of the schedule.</summary>
    public required string TimeZone { get; init; }

    /// <summary>False while it is paused.</summary>
    public required bool Enabled { get; init; }

    /// <summary>JSON text handed to the job.</summary>
    public string? Payload { get; init; }

    /// <summary>The queue of its runs; null for that of the job.</summary>
    public string? Queue { get; init; }

    /// <summary><c>low</c>, <c>normal</c> or <c>high</c>; null for that of the job.</summary>
    public string? Priority { get; init; }

    /// <summary>What becomes of missed occurrences: <c>once</c>, <c>skip</c> or <c>all</c>.</summary>
    public required string Misfire { get; init; }

    /// <summary>What happens when an occurrence is due while another runs: <c>skip</c>, <c>queue</c> or <c>replace</c>.</summary>
    public required string Overlap { get; init; }

    /// <summary>How many runs of it may be under way at once.</summary>
    public required int MaxActive { get; init; }

    /// <summary>Seconds after which a run is cancelled; null for those of the job.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>Further attempts at an occurrence whose run failed; null for those of the job.</summary>
    public TaskRetry? Retry { get; init; }

    /// <summary>What of its fate people are alerted to; null for what the service's settings say of all tasks.</summary>
    public TaskAlerts? Alerts { get; init; }

    /// <summary>Who paused it, while it is.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why it was paused.</summary>
    public string? PausedReason { get; init; }

    /// <summary>When it was paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>How the last run went: <c>idle</c>, <c>running</c>, <c>succeeded</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>When the last run started.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>The next occurrence.</summary>
    public DateTimeOffset? NextRun { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its definition was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>One more with each change of its definition.</summary>
    public required long Version { get; init; }
}

/// <summary>How often, and after which pauses, an occurrence whose run failed is tried again.</summary>
/// <param name="MaxAttempts">How often it is tried in all, the first time included.</param>
/// <param name="DelaySeconds">The first pause.</param>
/// <param name="Factor">By what each further pause is longer.</param>
/// <param name="MaxDelaySeconds">The longest pause.</param>
/// <param name="Jitter">The part of a pause that is left to chance, 0 to 1.</param>
public sealed record TaskRetry(int MaxAttempts, double DelaySeconds, double Factor, double MaxDelaySeconds, double Jitter);

/// <summary>What of a task people are alerted to.</summary>
/// <param name="OnFailure">Whether failures are alerted to: the first one, and the success that ends them.</param>
/// <param name="OnRetry">Whether an attempt that is tried again is a failure too.</param>
/// <param name="LateAfterSeconds">How late an occurrence may begin; null for any time.</param>
/// <param name="ExpectSuccessEverySeconds">How long the task may be without a success; null for any time.</param>
/// <param name="RemindEverySeconds">How often a problem that goes on is said again; null for never.</param>
public sealed record TaskAlerts(
    bool OnFailure,
    bool OnRetry,
    double? LateAfterSeconds,
    double? ExpectSuccessEverySeconds,
    double? RemindEverySeconds
);

/// <summary>When a schedule runs.</summary>
/// <param name="Schedule">The schedule, as it is understood.</param>
/// <param name="TimeZone">Its time zone.</param>
/// <param name="Description">When it runs, in English.</param>
/// <param name="Next">Its next occurrences in order, with the offset of its time zone.</param>
/// <param name="Warnings">What is likely to surprise: that it never runs, and what clock changes do to it.</param>
public sealed record SchedulePreview(
    string Schedule,
    string TimeZone,
    string Description,
    IReadOnlyList<DateTimeOffset> Next,
    IReadOnlyList<string> Warnings
);

/// <summary>One attempt at a job.</summary>
/// <param name="Id">Its id: a number that rises from run to run.</param>
/// <param name="JobId">The job.</param>
/// <param name="ScheduledAt">The occurrence that was run, or when the job was due.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="CompletedAt">When it ended; null while it runs.</param>
/// <param name="Status"><c>running</c>, <c>succeeded</c>, <c>failed</c>, <c>cancelled</c>, <c>interrupted</c>, <c>abandoned</c> or <c>snoozed</c>.</param>
/// <param name="ErrorMessage">What went wrong.</param>
/// <param name="Attempt">1, or more when earlier attempts failed or were abandoned.</param>
/// <param name="Node">The process that ran it.</param>
/// <param name="Output">What the job left as its output.</param>
/// <param name="Log">What the job wrote to its log.</param>
public sealed record Execution(
    long Id,
    Guid JobId,
    DateTimeOffset ScheduledAt,
    DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt,
    string Status,
    string? ErrorMessage,
    int Attempt,
    string Node,
    string? Output,
    string? Log
);

internal sealed record TaskPage(IReadOnlyList<ScheduledTask> Items, string? NextAfter);

internal sealed record ExecutionPage(IReadOnlyList<Execution> Items, long? NextBefore);

internal sealed record Backfill(DateTimeOffset From, DateTimeOffset Until, int Limit);

internal sealed record Backfilled(int Added);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TaskPage))]
[JsonSerializable(typeof(ExecutionPage))]
[JsonSerializable(typeof(SchedulePreview))]
[JsonSerializable(typeof(Backfill))]
[JsonSerializable(typeof(Backfilled))]
[JsonSerializable(typeof(JobPage))]
[JsonSerializable(typeof(ExecutionList))]
[JsonSerializable(typeof(JobStatistics))]
[JsonSerializable(typeof(QueueList))]
[JsonSerializable(typeof(QueuePause))]
[JsonSerializable(typeof(QueueLimit))]
internal sealed partial class TasksJson : JsonSerializerContext;
