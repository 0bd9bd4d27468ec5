using Microsoft.Extensions.Logging;

namespace Autom8.Scheduling.Monitoring;

/// <summary>What the scheduler logs. An error's message may hold anything, so it stands in the history only; here is its type.</summary>
internal static partial class SchedulingLog
{
    [LoggerMessage(1, LogLevel.Information, "{Name}: execution {Execution} succeeded in {Duration}.")]
    public static partial void Succeeded(ILogger logger, string name, long execution, TimeSpan duration);

    [LoggerMessage(
        2,
        LogLevel.Error,
        "{Name}: execution {Execution} failed after {Duration} with {Error}; the message is in the history. Decision: {Decision}."
    )]
    public static partial void Failed(ILogger logger, string name, long execution, TimeSpan duration, string error, string decision);

    [LoggerMessage(3, LogLevel.Warning, "{Name}: execution {Execution} was interrupted after {Duration}; it is run again.")]
    public static partial void Interrupted(ILogger logger, string name, long execution, TimeSpan duration);

    [LoggerMessage(4, LogLevel.Warning, "{Name}: execution {Execution} was taken over by another node; its outcome here is not recorded.")]
    public static partial void Fenced(ILogger logger, string name, long execution);

    [LoggerMessage(5, LogLevel.Warning, "{Name}: job {Job} was abandoned by its node. Decision: {Decision}.")]
    public static partial void Abandoned(ILogger logger, string name, Guid job, string decision);

    [LoggerMessage(
        6,
        LogLevel.Error,
        "Task {Task} cannot be scheduled here: its expression or time zone is not readable. Mend it, or install time zones."
    )]
    public static partial void Faulted(ILogger logger, string task);

    [LoggerMessage(7, LogLevel.Information, "Task {Task}: an occurrence was left out ({Reason}).")]
    public static partial void Skipped(ILogger logger, string task, string reason);

    [LoggerMessage(8, LogLevel.Error, "The scheduler could not {Work} ({Failures} in a row); it tries again in {Delay}.")]
    public static partial void StoreFailed(ILogger logger, Exception error, string work, int failures, TimeSpan delay);

    [LoggerMessage(9, LogLevel.Warning, "Node {Node} is dead: its jobs are given to others.")]
    public static partial void NodeDied(ILogger logger, string node);

    [LoggerMessage(10, LogLevel.Information, "Cleanup deleted {Count} executions that started before {Before:O}.")]
    public static partial void Pruned(ILogger logger, long count, DateTimeOffset before);

    [LoggerMessage(
        11,
        LogLevel.Warning,
        "Node {Node} was not heard of for too long and was taken for dead: its jobs are with others, and what runs here is told to stop."
    )]
    public static partial void GivenUp(ILogger logger, string node);

    [LoggerMessage(
        12,
        LogLevel.Error,
        "{Name}: execution {Execution} was told to stop, and goes on after {Patience}. It counts as stopped, and its place is {Place}. The job must heed its cancellation token."
    )]
    public static partial void Stuck(ILogger logger, string name, long execution, TimeSpan patience, string place);
}
