namespace Autom8.Scheduling.Tasks;

/// <summary>A task as it is stored: its definition and how it fares.</summary>
public sealed record ScheduledTask : TaskDefinition
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Rises with every change of the definition, not with runs.</summary>
    public required long Version { get; init; }

    /// <summary>When the last run started.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>The next occurrence of the schedule; null while paused, and when there is none.</summary>
    public DateTimeOffset? NextRun { get; init; }

    /// <summary>How the last run went.</summary>
    public ScheduledTaskStatus Status { get; init; }

    /// <summary>When the task was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the definition was changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Who paused it, as the caller of <see cref="IScheduler.PauseAsync"/> was called; null while it is not paused, or nobody said.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why it was paused.</summary>
    public string? PausedReason { get; init; }

    /// <summary>When it was paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>The definition as the code declared it last, as JSON; null for a task that was made at run time.</summary>
    public string? Declared { get; init; }
}

/// <summary>How a task fares.</summary>
public enum ScheduledTaskStatus
{
    /// <summary>It has not run yet, or its last run was interrupted and will be run again.</summary>
    Idle,

    /// <summary>A node has claimed a run of it.</summary>
    Running,

    /// <summary>The last run succeeded.</summary>
    Succeeded,

    /// <summary>The last run failed.</summary>
    Failed,
}
