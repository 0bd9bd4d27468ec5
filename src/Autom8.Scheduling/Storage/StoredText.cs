using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage;

/// <summary>How enumerations stand in both databases: their names in lower case.</summary>
internal static class StoredText
{
    public static string Text(this ScheduledTaskStatus status) =>
        status switch
        {
            ScheduledTaskStatus.Running => "running",
            ScheduledTaskStatus.Succeeded => "succeeded",
            ScheduledTaskStatus.Failed => "failed",
            _ => "idle",
        };

    public static string Text(this ExecutionStatus status) =>
        status switch
        {
            ExecutionStatus.Succeeded => "succeeded",
            ExecutionStatus.Failed => "failed",
            ExecutionStatus.Cancelled => "cancelled",
            ExecutionStatus.Interrupted => "interrupted",
            ExecutionStatus.Abandoned => "abandoned",
            ExecutionStatus.Snoozed => "snoozed",
            _ => "running",
        };

    public static ScheduledTaskStatus ReadTaskStatus(string text) => Enum.Parse<ScheduledTaskStatus>(text, ignoreCase: true);

    public static ExecutionStatus ReadExecutionStatus(string text) => Enum.Parse<ExecutionStatus>(text, ignoreCase: true);

    /// <summary>The task's status once a run has ended; null where it is as it was, because the occurrence is run again.</summary>
    public static string? TaskStatusAfter(JobOutcome outcome) =>
        outcome switch
        {
            { Status: ExecutionStatus.Succeeded } => "succeeded",
            { Status: ExecutionStatus.Failed or ExecutionStatus.Abandoned } => "failed",
            _ => null,
        };
}
