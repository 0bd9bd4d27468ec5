namespace Autom8.Scheduling.Alerts;

/// <summary>What an alert can be about: a task, or a job of a queue.</summary>
/// <param name="Id">The task's or job's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Queue">The queue it is in, when it is in one.</param>
public readonly record struct AlertSubject(Guid Id, string Name, string? Queue = null);
