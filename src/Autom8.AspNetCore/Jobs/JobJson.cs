using Autom8.Scheduling.Jobs;

namespace Autom8.AspNetCore;

/// <summary>A job as it stood when it was read: an occurrence of a task, or one that the application enqueued.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Job">The registered job that it runs.</param>
/// <param name="State">Where it stands: <c>ready</c>, <c>claimed</c>, <c>waitingForTask</c>, <c>waitingForJobs</c>, <c>dead</c> or <c>finished</c>.</param>
/// <param name="Queue">Its queue, while it is not finished.</param>
/// <param name="Priority">Its priority in the queue.</param>
/// <param name="DueAt">When it is, or was, to be begun.</param>
/// <param name="TaskId">The task whose occurrence it is.</param>
/// <param name="Attempt">The how-manieth attempt it is at.</param>
/// <param name="Node">The process that has it.</param>
/// <param name="Payload">JSON text handed to the job, while it is not finished.</param>
/// <param name="Progress">How far the run has come, where the job says so.</param>
/// <param name="ErrorMessage">What went wrong last, of a dead one.</param>
public sealed record JobResponse(
    Guid Id,
    string Job,
    JobState State,
    string? Queue,
    JobPriority Priority,
    DateTimeOffset DueAt,
    Guid? TaskId,
    int Attempt,
    string? Node,
    string? Payload,
    JobProgressResponse? Progress,
    string? ErrorMessage
)
{
    internal static JobResponse From(JobSnapshot job) =>
        new(
            job.Id,
            job.Job,
            job.State,
            job.Queue,
            job.Priority,
            job.DueAt,
            job.TaskId,
            job.Attempt,
            job.Node,
            job.Payload,
            job.Progress is { } progress ? new JobProgressResponse(progress.Fraction, progress.Note) : null,
            job.ErrorMessage
        );
}

/// <summary>How far a run has come.</summary>
/// <param name="Fraction">From 0 to 1.</param>
/// <param name="Note">A few words.</param>
public sealed record JobProgressResponse(double Fraction, string? Note);

/// <summary>A page of jobs, in the order in which they were made.</summary>
/// <param name="Items">The jobs.</param>
/// <param name="NextAfter">What to send as <c>after</c> for the next page; null after the last.</param>
public sealed record JobPageResponse(IReadOnlyList<JobResponse> Items, Guid? NextAfter);

/// <summary>The attempts at a job, the newest first.</summary>
/// <param name="Items">The attempts, 500 at most.</param>
public sealed record JobExecutionListResponse(IReadOnlyList<ExecutionResponse> Items);

/// <summary>What the audit trail keeps of a command to a job.</summary>
internal sealed record JobAuditDetails(string Job, Guid? TaskId);
