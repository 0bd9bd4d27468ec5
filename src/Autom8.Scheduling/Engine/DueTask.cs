using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>A task that needs a decision, with what the definition does not show.</summary>
/// <param name="Task">The task.</param>
/// <param name="TriggeredAt">When it was told to run now, if that is still to be done.</param>
/// <param name="LastCompleted">When its last run ended.</param>
/// <param name="Claim">How many runs of it have been begun.</param>
/// <param name="Lease">The run that has it; null when none has.</param>
public sealed record DueTask(ScheduledTask Task, DateTimeOffset? TriggeredAt, DateTimeOffset? LastCompleted, long Claim, RunLease? Lease);

/// <summary>A run's hold on its task.</summary>
/// <param name="ExecutionId">The run.</param>
/// <param name="ScheduledAt">The occurrence it runs.</param>
/// <param name="Attempt">The how-manieth attempt at it.</param>
/// <param name="Until">When the run counts as abandoned unless it is heard of.</param>
public sealed record RunLease(Guid ExecutionId, DateTimeOffset ScheduledAt, int Attempt, DateTimeOffset Until);

/// <summary>What becomes of a due task: one transaction writes it all.</summary>
/// <param name="Kind">What was decided.</param>
/// <param name="After">The task afterwards.</param>
/// <param name="Begun">A new row of the history: a run that begins, or one that could not.</param>
/// <param name="Abandoned">The run of a dead node that is to be marked as abandoned.</param>
public sealed record DispatchStep(DispatchKind Kind, DueTask After, TaskExecution? Begun = null, Guid? Abandoned = null);

/// <summary>What was decided on a due task.</summary>
public enum DispatchKind
{
    /// <summary>It runs.</summary>
    Run,

    /// <summary>The occurrence is left out: it was missed, and the policy is to skip.</summary>
    SkipMisfire,

    /// <summary>The occurrence is left out: the task was still running.</summary>
    SkipOverlap,

    /// <summary>Its run was abandoned and is not tried again: too many attempts, or the task is paused.</summary>
    GiveUp,

    /// <summary>Its schedule cannot be read on this machine; recorded as a failed execution, and the task waits for a change.</summary>
    Fault,
}
