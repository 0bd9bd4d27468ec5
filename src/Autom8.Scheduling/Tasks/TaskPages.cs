namespace Autom8.Scheduling.Tasks;

/// <summary>Some of the tasks, ordered by name.</summary>
/// <param name="Items">The tasks.</param>
/// <param name="NextAfter">What to pass as <c>after</c> for the next page; null on the last.</param>
public sealed record TaskPage(IReadOnlyList<ScheduledTask> Items, string? NextAfter);

/// <summary>Some of a task's executions, newest first.</summary>
/// <param name="Items">The executions.</param>
/// <param name="NextBefore">What to pass as <c>before</c> for the next page; null on the last.</param>
public sealed record ExecutionPage(IReadOnlyList<TaskExecution> Items, long? NextBefore);
