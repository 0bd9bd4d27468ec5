namespace Autom8.Client;

/// <summary>A job as it stood when it was read: an occurrence of a task, or one that the application enqueued.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Job">The registered job that it runs.</param>
/// <param name="State"><c>ready</c>, <c>claimed</c>, <c>waitingForTask</c>, <c>waitingForJobs</c>, <c>dead</c> or <c>finished</c>.</param>
/// <param name="Queue">Its queue, while it is not finished.</param>
/// <param name="Priority"><c>low</c>, <c>normal</c> or <c>high</c>.</param>
/// <param name="DueAt">When it is, or was, to be begun.</param>
/// <param name="TaskId">The task whose occurrence it is.</param>
/// <param name="Attempt">The how-manieth attempt it is at.</param>
/// <param name="Node">The process that has it.</param>
/// <param name="Payload">JSON text handed to the job, while it is not finished.</param>
/// <param name="Progress">How far the run has come, where the job says so.</param>
/// <param name="ErrorMessage">What went wrong last, of a dead one.</param>
public sealed record QueuedJob(
    Guid Id,
    string Job,
    string State,
    string? Queue,
    string Priority,
    DateTimeOffset DueAt,
    Guid? TaskId,
    int Attempt,
    string? Node,
    string? Payload,
    JobProgress? Progress,
    string? ErrorMessage
);

/// <summary>How far a run has come.</summary>
/// <param name="Fraction">From 0 to 1.</param>
/// <param name="Note">A few words.</param>
public sealed record JobProgress(double Fraction, string? Note);

internal sealed record JobPage(IReadOnlyList<QueuedJob> Items, Guid? NextAfter);

internal sealed record ExecutionList(IReadOnlyList<Execution> Items);
