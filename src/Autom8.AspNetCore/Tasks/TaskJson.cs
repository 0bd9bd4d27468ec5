using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Schedules;
using Autom8.Scheduling.Tasks;

namespace Autom8.AspNetCore;

/// <summary>What a client decides of a task. An update replaces all of it.</summary>
/// <param name="Name">What the task is called: unique, 1 to 100 characters.</param>
/// <param name="Job">The registered job that it runs; <c>GET /tasks/jobs</c> lists them.</param>
/// <param name="Schedule">A cron expression of five fields, or six with seconds; or <c>every 90m</c>, <c>daily 03:00</c>, <c>monthly -1 03:00</c>, <c>once 2026-12-24T18:00:00Z</c>, and what is made of them with <c>or</c>, <c>except</c> and <c>jitter</c>. <c>GET /tasks/preview</c> explains one.</param>
/// <param name="TimeZone">The IANA time zone that the schedule is meant in. Default UTC.</param>
/// <param name="Enabled">False to create it paused, or to pause it. Default true.</param>
/// <param name="Payload">JSON text handed to the job, at most 65,536 characters.</param>
/// <param name="Misfire">What becomes of missed occurrences: <c>once</c> (the default), <c>skip</c> or <c>all</c>.</param>
/// <param name="TimeoutSeconds">Seconds after which a run is cancelled and counts as failed, up to 604,800 (7 days); null for that of the job.</param>
/// <param name="Queue">The queue of its runs; null for that of the job.</param>
/// <param name="Priority">The priority of its runs in the queue; null for that of the job.</param>
/// <param name="MisfireLimit">With <c>all</c>: how many missed occurrences are made up for at most, the latest ones; 1 to 10,000.</param>
/// <param name="MisfireWindowSeconds">With <c>all</c>: how long ago an occurrence may be and still be made up for, up to 366 days.</param>
/// <param name="Overlap">What happens when an occurrence is due while as many runs as may be are under way: <c>skip</c> (the default), <c>queue</c> or <c>replace</c>.</param>
/// <param name="MaxActive">How many runs of it may be under way at once, on all nodes; 1 to 1,000.</param>
/// <param name="Retry">Further attempts at an occurrence whose run failed; null for those of the job.</param>
/// <param name="Alerts">What of its fate people are alerted to; null for what the settings say of all tasks.</param>
/// <remarks>Defaults are those of the constructor: a default of an init-only property is lost when the reader is generated.</remarks>
public sealed record TaskRequest(
    string Name,
    string Job,
    string Schedule,
    string TimeZone = "UTC",
    bool Enabled = true,
    string? Payload = null,
    MisfirePolicy Misfire = MisfirePolicy.Once,
    double? TimeoutSeconds = null,
    string? Queue = null,
    JobPriority? Priority = null,
    int MisfireLimit = 100,
    double MisfireWindowSeconds = 86_400,
    OverlapPolicy Overlap = OverlapPolicy.Skip,
    int MaxActive = 1,
    RetryRequest? Retry = null,
    AlertRequest? Alerts = null
)
{
    internal TaskDefinition ToDefinition() =>
        new()
        {
            Name = Name,
            Job = Job,
            Schedule = Schedule,
            TimeZone = TimeZone,
            Enabled = Enabled,
            Payload = Payload,
            Misfire = Misfire,
            MisfireLimit = MisfireLimit,
            MisfireWindow = TimeSpan.FromSeconds(Math.Clamp(MisfireWindowSeconds, -1, 1e9)),
            Overlap = Overlap,
            MaxActive = MaxActive,
            Queue = Queue,
            Priority = Priority,
            Retry = Retry?.ToPolicy(),
            Alerts = Alerts?.ToPolicy(),
            // Beyond what a TimeSpan holds it is refused all the same, by name, as too long.
            Timeout = TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 1e9)) : null,
        };
}

/// <summary>How often, and after which pauses, an occurrence whose run failed is tried again.</summary>
/// <param name="MaxAttempts">How often it is tried in all, the first time included: 1 to 100.</param>
/// <param name="DelaySeconds">The first pause, up to 7 days.</param>
/// <param name="Factor">By what each further pause is longer, 1 to 10.</param>
/// <param name="MaxDelaySeconds">The longest pause.</param>
/// <param name="Jitter">The part of a pause that is left to chance, 0 to 1.</param>
public sealed record RetryRequest(
    int MaxAttempts,
    double DelaySeconds = 0,
    double Factor = 1,
    double MaxDelaySeconds = 86_400,
    double Jitter = 0
)
{
    internal RetryPolicy ToPolicy() =>
        new()
        {
            MaxAttempts = MaxAttempts,
            Delay = TimeSpan.FromSeconds(Math.Clamp(DelaySeconds, -1, 1e9)),
            Factor = Factor,
            MaxDelay = TimeSpan.FromSeconds(Math.Clamp(MaxDelaySeconds, -1, 1e9)),
            Jitter = Jitter,
        };

    internal static RetryRequest? From(RetryPolicy? policy) =>
        policy is null
            ? null
            : new(policy.MaxAttempts, policy.Delay.TotalSeconds, policy.Factor, policy.MaxDelay.TotalSeconds, policy.Jitter);
}

/// <summary>What of a task people are alerted to.</summary>
/// <param name="OnFailure">Whether failures are alerted to: the first one, and the success that ends them.</param>
/// <param name="OnRetry">Whether an attempt that is tried again is a failure too.</param>
/// <param name="LateAfterSeconds">How late an occurrence may begin, up to 366 days; null for any time.</param>
/// <param name="ExpectSuccessEverySeconds">How long the task may be without a success, 1 second to 366 days; null for any time.</param>
/// <param name="RemindEverySeconds">How often a problem that goes on is said again, 1 minute to 366 days; null for never.</param>
public sealed record AlertRequest(
    bool OnFailure = true,
    bool OnRetry = false,
    double? LateAfterSeconds = null,
    double? ExpectSuccessEverySeconds = null,
    double? RemindEverySeconds = null
)
{
    internal AlertPolicy ToPolicy() =>
        new()
        {
            OnFailure = OnFailure,
            OnRetry = OnRetry,
            LateAfter = Time(LateAfterSeconds),
            ExpectSuccessEvery = Time(ExpectSuccessEverySeconds),
            RemindEvery = Time(RemindEverySeconds),
        };

    internal static AlertRequest? From(AlertPolicy? policy) =>
        policy is null
            ? null
            : new(
                policy.OnFailure,
                policy.OnRetry,
                policy.LateAfter?.TotalSeconds,
                policy.ExpectSuccessEvery?.TotalSeconds,
                policy.RemindEvery?.TotalSeconds
            );

    private static TimeSpan? Time(double? seconds) => seconds is { } s ? TimeSpan.FromSeconds(Math.Clamp(s, -1, 1e9)) : null;
}

/// <summary>A task.</summary>
public sealed record TaskResponse
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The job that it runs.</summary>
    public required string Job { get; init; }

    /// <summary>When it runs.</summary>
    public required string Schedule { get; init; }

    /// <summary>The time zone of the schedule.</summary>
    public required string TimeZone { get; init; }

    /// <summary>False while it is paused.</summary>
    public required bool Enabled { get; init; }

    /// <summary>JSON text handed to the job.</summary>
    public string? Payload { get; init; }

    /// <summary>What becomes of missed occurrences.</summary>
    public required MisfirePolicy Misfire { get; init; }

    /// <summary>Seconds after which a run is cancelled.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>The queue of its runs; null for that of the job.</summary>
    public string? Queue { get; init; }

    /// <summary>The priority of its runs; null for that of the job.</summary>
    public JobPriority? Priority { get; init; }

    /// <summary>How many missed occurrences are made up for at most.</summary>
    public required int MisfireLimit { get; init; }

    /// <summary>How long ago an occurrence may be and still be made up for, in seconds.</summary>
    public required double MisfireWindowSeconds { get; init; }

    /// <summary>What happens when an occurrence is due while as many runs as may be are under way.</summary>
    public required OverlapPolicy Overlap { get; init; }

    /// <summary>How many runs of it may be under way at once.</summary>
    public required int MaxActive { get; init; }

    /// <summary>Further attempts at an occurrence whose run failed.</summary>
    public RetryRequest? Retry { get; init; }

    /// <summary>What of its fate people are alerted to; null for what the settings say of all tasks.</summary>
    public AlertRequest? Alerts { get; init; }

    /// <summary>Who paused it.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why it was paused.</summary>
    public string? PausedReason { get; init; }

    /// <summary>When it was paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>How the last run went.</summary>
    public required ScheduledTaskStatus Status { get; init; }

    /// <summary>When the last run started.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>The next occurrence.</summary>
    public DateTimeOffset? NextRun { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its definition was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>One more with each change of the definition; the ETag, without its quotes.</summary>
    public required long Version { get; init; }

    internal static TaskResponse From(ScheduledTask task) =>
        new()
        {
            Id = task.Id,
            Name = task.Name,
            Job = task.Job,
            Schedule = task.Schedule,
            TimeZone = task.TimeZone,
            Enabled = task.Enabled,
            Payload = task.Payload,
            Misfire = task.Misfire,
            TimeoutSeconds = task.Timeout?.TotalSeconds,
            Queue = task.Queue,
            Priority = task.Priority,
            MisfireLimit = task.MisfireLimit,
            MisfireWindowSeconds = task.MisfireWindow.TotalSeconds,
            Overlap = task.Overlap,
            MaxActive = task.MaxActive,
            Retry = RetryRequest.From(task.Retry),
            Alerts = AlertRequest.From(task.Alerts),
            PausedBy = task.PausedBy,
            PausedReason = task.PausedReason,
            PausedAt = task.PausedAt,
            Status = task.Status,
            LastRun = task.LastRun,
            NextRun = task.Enabled ? task.NextRun : null,
            CreatedAt = task.CreatedAt,
            UpdatedAt = task.UpdatedAt,
            Version = task.Version,
        };
}

/// <summary>A page of tasks by name.</summary>
/// <param name="Items">The tasks.</param>
/// <param name="NextAfter">What to send as <c>after</c> for the next page; null after the last.</param>
public sealed record TaskListResponse(IReadOnlyList<TaskResponse> Items, string? NextAfter);

/// <summary>One run of a task.</summary>
/// <param name="Id">Its id: a number that rises from run to run.</param>
/// <param name="JobId">The job that it is an attempt at.</param>
/// <param name="ScheduledAt">The occurrence that was run.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="CompletedAt">When it ended.</param>
/// <param name="Status">How it went.</param>
/// <param name="ErrorMessage">What went wrong.</param>
/// <param name="Attempt">1, or more when earlier runs of the occurrence failed or were abandoned.</param>
/// <param name="Node">The process that ran it.</param>
/// <param name="Output">What the job left as its output.</param>
/// <param name="Log">What the job wrote to its log.</param>
public sealed record ExecutionResponse(
    long Id,
    Guid JobId,
    DateTimeOffset ScheduledAt,
    DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt,
    ExecutionStatus Status,
    string? ErrorMessage,
    int Attempt,
    string Node,
    string? Output,
    string? Log
)
{
    internal static ExecutionResponse From(TaskExecution run) =>
        new(
            run.Id,
            run.JobId,
            run.ScheduledAt,
            run.StartedAt,
            run.CompletedAt,
            run.Status,
            run.ErrorMessage,
            run.Attempt,
            run.Node,
            run.Output,
            run.Log
        );
}

/// <summary>A page of runs, the newest first.</summary>
/// <param name="Items">The runs.</param>
/// <param name="NextBefore">What to send as <c>before</c> for the next page; null after the last.</param>
public sealed record ExecutionListResponse(IReadOnlyList<ExecutionResponse> Items, long? NextBefore);

/// <summary>The jobs that tasks can run.</summary>
/// <param name="Items">Their registered names.</param>
public sealed record JobListResponse(IReadOnlyList<string> Items);

/// <summary>When a schedule runs.</summary>
/// <param name="Schedule">The schedule, as it is understood.</param>
/// <param name="TimeZone">Its time zone.</param>
/// <param name="Description">When it runs, in English.</param>
/// <param name="Next">Its next occurrences in order, with the offset of its time zone; fewer than were asked for when it ends.</param>
/// <param name="Warnings">What is likely to surprise: that it never runs, and what the clock changes of the next two years do to it.</param>
public sealed record SchedulePreviewResponse(
    string Schedule,
    string TimeZone,
    string Description,
    IReadOnlyList<DateTimeOffset> Next,
    IReadOnlyList<string> Warnings
)
{
    internal static SchedulePreviewResponse From(Schedule schedule, ScheduleExplanation explanation) =>
        new(schedule.ToString(), schedule.TimeZone, explanation.Description, explanation.Next, explanation.Warnings);
}

/// <summary>Which occurrences of a time past are to be run.</summary>
/// <param name="From">The first instant that counts.</param>
/// <param name="Until">The last one; it must be past.</param>
/// <param name="Limit">At most so many, the oldest; 1 to 10,000.</param>
public sealed record BackfillRequest(DateTimeOffset From, DateTimeOffset Until, int Limit = 1_000);

/// <summary>What became of a backfill.</summary>
/// <param name="Added">How many occurrences were added; those that wait or run already are not added again.</param>
public sealed record BackfillResponse(int Added);
