using System.Globalization;
using System.Text.Json;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/jobs</c>: what waits, runs and is dead, and what an operator can do about it.</summary>
internal static class JobEndpoints
{
    private const int MaxPage = 500;

    private static readonly string[] Readers = [AccountRoles.Viewer, AccountRoles.Editor, AccountRoles.Administrator];
    private static readonly string[] Operators = [AccountRoles.Administrator];

    // Finished ones are no longer among them: their executions tell of them.
    private static readonly Dictionary<string, JobState> States = Enum.GetValues<JobState>()
        .Where(state => state != JobState.Finished)
        .ToDictionary(state => JsonNamingPolicy.CamelCase.ConvertName(state.ToString()), StringComparer.Ordinal);

    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapGet("/", List)
            .WithName("ListQueuedJobs")
            .WithSummary("Lists the jobs that are not finished in the order in which they were made, page by page.")
            .RequireRole(Readers);
        jobs.MapGet("/statistics", Statistics)
            .WithName("GetJobStatistics")
            .WithSummary("Counts and measures the runs of a job, or of all, that ended since a time; 24 hours ago when left out.")
            .RequireRole(Readers);
        jobs.MapGet("/{id:guid}", Get)
            .WithName("GetJob")
            .WithSummary("Reads a job with its progress; a finished one as long as its history is kept.")
            .RequireRole(Readers);
        jobs.MapGet("/{id:guid}/executions", ListExecutions)
            .WithName("ListJobExecutions")
            .WithSummary("Lists the attempts at a job, the newest first.")
            .RequireRole(Readers);
        jobs.MapPost("/{id:guid}/cancel", Cancel)
            .WithName("CancelJob")
            .WithSummary("Cancels a job: one that waits at once, one that runs when it heeds its cancellation.")
            .MayConflict()
            .RequireRole(Operators);
        jobs.MapPost("/{id:guid}/requeue", Requeue)
            .WithName("RequeueJob")
            .WithSummary("Gives a dead job all its attempts again.")
            .MayConflict()
            .RequireRole(Operators);
    }

    private static async Task<Results<Ok<JobPageResponse>, ProblemResult>> List(
        IJobQueue queue,
        string? state,
        Guid? after,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        if (limit is < 1 or > MaxPage)
        {
            return ProblemResult.Invalid("limit", string.Create(CultureInfo.InvariantCulture, $"A page holds 1 to {MaxPage}."));
        }

        JobState? only = null;
        if (state is not null)
        {
            if (!States.TryGetValue(state, out var known))
            {
                return ProblemResult.Invalid("state", $"Give one of {string.Join(", ", States.Keys)}, or none for all.");
            }

            only = known;
        }

        // One more than is asked for tells whether there is a next page.
        var size = limit ?? 50;
        var jobs = await queue.ListAsync(only, after, Math.Min(size + 1, MaxPage), cancellationToken).ConfigureAwait(false);
        var items = jobs.Take(size).Select(JobResponse.From).ToArray();
        return TypedResults.Ok(new JobPageResponse(items, jobs.Count > size || jobs.Count == MaxPage ? items[^1].Id : null));
    }

    private static async Task<Ok<JobStatisticsResponse>> Statistics(
        IJobMonitor monitor,
        string? job,
        DateTimeOffset? since,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            JobStatisticsResponse.From(await monitor.GetJobStatisticsAsync(job, since, cancellationToken).ConfigureAwait(false))
        );

    private static async Task<Results<Ok<JobResponse>, ProblemResult>> Get(Guid id, IJobQueue queue, CancellationToken cancellationToken) =>
        await queue.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } job ? TypedResults.Ok(JobResponse.From(job)) : Unknown();

    private static async Task<Results<Ok<JobExecutionListResponse>, ProblemResult>> ListExecutions(
        Guid id,
        IJobQueue queue,
        CancellationToken cancellationToken
    )
    {
        var attempts = await queue.ListExecutionsAsync(id, cancellationToken).ConfigureAwait(false);
        return attempts.Count == 0 && await queue.FindAsync(id, cancellationToken).ConfigureAwait(false) is null
            ? Unknown()
            : TypedResults.Ok(new JobExecutionListResponse([.. attempts.Select(ExecutionResponse.From)]));
    }

    private static async Task<Results<Accepted, ProblemResult>> Cancel(
        Guid id,
        IJobQueue queue,
        IAuditLog audit,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await queue.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } job)
        {
            return Unknown();
        }

        if (!await queue.CancelAsync(id, cancellationToken).ConfigureAwait(false))
        {
            return new ProblemResult(ProblemType.Conflict, "The job is finished already.");
        }

        await RecordAsync(audit, "job.cancelled", job, context).ConfigureAwait(false);
        return TypedResults.Accepted($"/api/v1/jobs/{id}");
    }

    private static async Task<Results<Accepted, ProblemResult>> Requeue(
        Guid id,
        IJobQueue queue,
        IAuditLog audit,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await queue.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } job)
        {
            return Unknown();
        }

        if (!await queue.RequeueAsync(id, cancellationToken).ConfigureAwait(false))
        {
            return new ProblemResult(ProblemType.Conflict, "Only a dead job can be given its attempts again.");
        }

        await RecordAsync(audit, "job.requeued", job, context).ConfigureAwait(false);
        return TypedResults.Accepted($"/api/v1/jobs/{id}");
    }

    // It is done: a caller who hangs up now does not keep it out of the trail.
    private static ValueTask RecordAsync(IAuditLog audit, string action, JobSnapshot job, HttpContext context) =>
        audit.AppendAsync(
            new AuditEntry(
                action,
                context.Actor(),
                "job",
                job.Id.ToString(),
                JsonSerializer.Serialize(new JobAuditDetails(job.Job, job.TaskId), ApiJson.Api.JobAuditDetails)
            ),
            CancellationToken.None
        );

    private static ProblemResult Unknown() => new(ProblemType.NotFound, "No job has this id, or its history is no longer kept.");
}
