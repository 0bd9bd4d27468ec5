using Autom8.Scheduling.Tasks;

namespace Autom8.AspNetCore;

/// <summary>What a client decides of a task. An update replaces all of it.</summary>
/// <param name="Name">What the task is called: unique, 1 to 100 characters.</param>
/// <param name="Job">The registered job that it runs; <c>GET /tasks/jobs</c> lists them.</param>
/// <param name="Schedule">A cron expression of five fields, or six with seconds.</param>
/// <param name="TimeZone">The IANA time zone that the schedule is meant in. Default UTC.</param>
/// <param name="Enabled">False to create it paused, or to pause it. Default true.</param>
/// <param name="Payload">JSON text handed to the job, at most 65,536 characters.</param>
/// <param name="Misfire">What becomes of missed occurrences: <c>once</c> (the default) or <c>skip</c>.</param>
/// <param name="TimeoutSeconds">Seconds after which a run is cancelled and counts as failed, up to 604,800 (7 days); null for never.</param>
/// <remarks>Defaults are those of the constructor: a default of an init-only property is lost when the reader is generated.</remarks>
public sealed record TaskRequest(
    string Name,
    string Job,
    string Schedule,
    string TimeZone = "UTC",
    bool Enabled = true,
    string? Payload = null,
    MisfirePolicy Misfire = MisfirePolicy.Once,
    double? TimeoutSeconds = null
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
            // Beyond what a TimeSpan holds it is refused all the same, by name, as too long.
            Timeout = TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 1e9)) : null,
        };
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

    /// <summary>Its cron expression.</summary>
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
/// <param name="Id">Its id.</param>
/// <param name="ScheduledAt">The occurrence that was run.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="CompletedAt">When it ended.</param>
/// <param name="Status">How it went.</param>
/// <param name="ErrorMessage">What went wrong.</param>
/// <param name="Attempt">1, or more when earlier runs of the occurrence were abandoned.</param>
/// <param name="Node">The process that ran it.</param>
public sealed record ExecutionResponse(
    Guid Id,
    DateTimeOffset ScheduledAt,
    DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt,
    ExecutionStatus Status,
    string? ErrorMessage,
    int Attempt,
    string Node
)
{
    internal static ExecutionResponse From(TaskExecution run) =>
        new(run.Id, run.ScheduledAt, run.StartedAt, run.CompletedAt, run.Status, run.ErrorMessage, run.Attempt, run.Node);
}

/// <summary>A page of runs, the newest first.</summary>
/// <param name="Items">The runs.</param>
/// <param name="NextBefore">What to send as <c>before</c> for the next page; null after the last.</param>
public sealed record ExecutionListResponse(IReadOnlyList<ExecutionResponse> Items, long? NextBefore);

/// <summary>The jobs that tasks can run.</summary>
/// <param name="Items">Their registered names.</param>
public sealed record JobListResponse(IReadOnlyList<string> Items);
