using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling.Monitoring;

/// <summary>What the scheduler logs. An error's message may hold anything, so it stands in the history only; here is its type.</summary>
internal static partial class SchedulingLog
{
    [LoggerMessage(1, LogLevel.Information, "Task {Task}: execution {Execution} succeeded in {Duration}.")]
    public static partial void Succeeded(ILogger logger, string task, Guid execution, TimeSpan duration);

    [LoggerMessage(2, LogLevel.Error, "Task {Task}: execution {Execution} failed after {Duration} with {Error}; the message is in the history.")]
    public static partial void Failed(ILogger logger, string task, Guid execution, TimeSpan duration, string error);

    [LoggerMessage(3, LogLevel.Warning, "Task {Task}: execution {Execution} was interrupted after {Duration}; its occurrence is run again.")]
    public static partial void Interrupted(ILogger logger, string task, Guid execution, TimeSpan duration);

    [LoggerMessage(4, LogLevel.Warning, "Task {Task}: execution {Execution} was taken over by another node; its outcome here is not recorded.")]
    public static partial void Fenced(ILogger logger, string task, Guid execution);

    [LoggerMessage(5, LogLevel.Warning, "Task {Task}: execution {Execution} was abandoned by its node. Decision: {Decision}.")]
    public static partial void Abandoned(ILogger logger, string task, Guid execution, string decision);

    [LoggerMessage(6, LogLevel.Error, "Task {Task} cannot be scheduled here: its expression or time zone is not readable. Mend it, or install time zones.")]
    public static partial void Faulted(ILogger logger, string task);

    [LoggerMessage(7, LogLevel.Information, "Task {Task}: an occurrence was left out ({Reason}).")]
    public static partial void Skipped(ILogger logger, string task, string reason);

    [LoggerMessage(8, LogLevel.Error, "The scheduler could not {Work} ({Failures} in a row); it tries again in {Delay}.")]
    public static partial void StoreFailed(ILogger logger, Exception error, string work, int failures, TimeSpan delay);

    [LoggerMessage(9, LogLevel.Error, "Task {Task}: the outcome of execution {Execution} could not be recorded; its lease ends and it is run again.")]
    public static partial void OutcomeLost(ILogger logger, Exception error, string task, Guid execution);

    [LoggerMessage(10, LogLevel.Information, "Cleanup deleted {Count} executions that started before {Before:O}.")]
    public static partial void Pruned(ILogger logger, long count, DateTimeOffset before);
}
