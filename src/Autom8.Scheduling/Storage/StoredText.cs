using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage;

/// <summary>How enumerations stand in both databases: their names in lower case.</summary>
internal static class StoredText
{
    public static string Text(this MisfirePolicy policy) => policy == MisfirePolicy.Skip ? "skip" : "once";

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
            ExecutionStatus.Abandoned => "abandoned",
            _ => "running",
        };

    public static MisfirePolicy ReadMisfire(string text) => Enum.Parse<MisfirePolicy>(text, ignoreCase: true);

    public static ScheduledTaskStatus ReadTaskStatus(string text) => Enum.Parse<ScheduledTaskStatus>(text, ignoreCase: true);

    public static ExecutionStatus ReadExecutionStatus(string text) => Enum.Parse<ExecutionStatus>(text, ignoreCase: true);

    /// <summary>The task's status once a run has ended: an interrupted one will be run again.</summary>
    public static ScheduledTaskStatus After(ExecutionStatus run) =>
        run switch
        {
            ExecutionStatus.Succeeded => ScheduledTaskStatus.Succeeded,
            ExecutionStatus.Cancelled => ScheduledTaskStatus.Idle,
            _ => ScheduledTaskStatus.Failed,
        };

    public static long? Milliseconds(TimeSpan? timeout) => timeout is { } value ? (long)value.TotalMilliseconds : null;

    /// <summary>The smallest UUIDv7 of an instant: executions that started before it have smaller identifiers.</summary>
    public static Guid FirstId(DateTimeOffset instant)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(instant).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6..].Clear();
        return new Guid(bytes, bigEndian: true);
    }
}
