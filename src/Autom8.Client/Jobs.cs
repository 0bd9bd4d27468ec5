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

/// <summary>How the runs that ended in a window went.</summary>
/// <param name="Since">When the window begins: as it was asked for, or later where it holds more than the 100,000 runs that are looked at.</param>
/// <param name="Until">When it ends: now, by the service's clock.</param>
/// <param name="Runs">How many runs there were, however they ended.</param>
/// <param name="Succeeded">How many succeeded.</param>
/// <param name="Failed">How many failed; those that were tried again too.</param>
/// <param name="Abandoned">How many ended with their node.</param>
/// <param name="Cancelled">How many somebody cancelled or another occurrence replaced.</param>
/// <param name="Interrupted">How many were interrupted because their process stopped.</param>
/// <param name="Snoozed">How many asked to be run again later.</param>
/// <param name="FailureRate">The part that failed or was abandoned, 0 to 1, of those that succeeded, failed or were abandoned; null when there are none.</param>
/// <param name="Duration">How long the runs took that succeeded or failed.</param>
/// <param name="Lateness">How long after their time runs began, of first attempts that succeeded or failed.</param>
/// <param name="LastSuccess">When the last run that succeeded ended; null when none did in the window.</param>
public sealed record JobStatistics(
    DateTimeOffset Since,
    DateTimeOffset Until,
    long Runs,
    long Succeeded,
    long Failed,
    long Abandoned,
    long Cancelled,
    long Interrupted,
    long Snoozed,
    double? FailureRate,
    RunDuration? Duration,
    RunLateness? Lateness,
    DateTimeOffset? LastSuccess
);

/// <summary>How long runs took.</summary>
/// <param name="MeanSeconds">The arithmetic mean.</param>
/// <param name="P50Seconds">The median.</param>
/// <param name="P95Seconds">The 95th percentile.</param>
/// <param name="MaxSeconds">The longest.</param>
public sealed record RunDuration(double MeanSeconds, double P50Seconds, double P95Seconds, double MaxSeconds);

/// <summary>How late runs began.</summary>
/// <param name="P50Seconds">The median.</param>
/// <param name="P95Seconds">The 95th percentile.</param>
/// <param name="MaxSeconds">The latest.</param>
public sealed record RunLateness(double P50Seconds, double P95Seconds, double MaxSeconds);

internal sealed record JobPage(IReadOnlyList<QueuedJob> Items, Guid? NextAfter);

internal sealed record ExecutionList(IReadOnlyList<Execution> Items);
