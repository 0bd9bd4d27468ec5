using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>A task that needs a decision.</summary>
/// <param name="Task">The task.</param>
/// <param name="Active">How many jobs of it are ready, claimed or waiting, besides that of its next occurrence where there is one: one that was set ready, and taken back.</param>
internal sealed record DueTask(ScheduledTask Task, int Active);

/// <summary>What becomes of a task whose next occurrence is near: one transaction writes it all.</summary>
/// <param name="Kind">What was decided.</param>
/// <param name="Task">The task, for the log.</param>
/// <param name="NextRun">Its next occurrence afterwards.</param>
/// <param name="Slots">The occurrences that become jobs.</param>
/// <param name="Skipped">How many occurrences are known to be left out.</param>
/// <param name="Fault">Why its schedule cannot be read here.</param>
internal sealed record SlotStep(
    SlotKind Kind,
    ScheduledTask Task,
    DateTimeOffset? NextRun,
    IReadOnlyList<DateTimeOffset> Slots,
    int Skipped = 0,
    string? Fault = null
);

/// <summary>What was decided on a task.</summary>
internal enum SlotKind
{
    /// <summary>Occurrences become jobs.</summary>
    Run,

    /// <summary>They become jobs, and the jobs of the task that are there are cancelled.</summary>
    Replace,

    /// <summary>The occurrence is left out: it was missed, and the policy is to skip.</summary>
    SkipMisfire,

    /// <summary>The occurrence is left out: the task is still running.</summary>
    SkipOverlap,

    /// <summary>Its schedule cannot be read on this machine; recorded as a failed execution, and the task waits for a change.</summary>
    Fault,
}
