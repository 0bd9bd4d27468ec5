using System.Globalization;
using Autom8.Hosting;
using Autom8.Scheduling;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Schedules;
using Autom8.Scheduling.Tasks;
using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/tasks</c>: define, change, pause, resume and run scheduled tasks, and read their history.</summary>
internal static class TaskEndpoints
{
    private const int MaxPage = 500;
    private const int MaxBackfill = 10_000;

    private static readonly string[] Readers = [AccountRoles.Viewer, AccountRoles.Editor, AccountRoles.Administrator];
    private static readonly string[] Operators = [AccountRoles.Administrator];

    public static void MapTasks(this IEndpointRouteBuilder api)
    {
        var tasks = api.MapGroup("/tasks").WithTags("Tasks");
        tasks.MapGet("/", List).WithName("ListTasks").WithSummary("Lists tasks by name, page by page.").RequireRole(Readers);
        tasks
            .MapGet("/jobs", (IScheduler scheduler) => TypedResults.Ok(new JobListResponse(scheduler.Jobs)))
            .WithName("ListJobs")
            .WithSummary("Lists the names of the jobs that a task can run.")
            .RequireRole(Readers);
        tasks
            .MapGet("/preview", Preview)
            .WithName("PreviewSchedule")
            .WithSummary("Says in words when a schedule runs, lists its next occurrences, and warns of what may surprise.")
            .RequireRole(Readers);
        tasks.MapPost("/", Create).WithName("CreateTask").WithSummary("Creates a task.").MayConflict().RequireRole(Operators);
        tasks.MapGet("/{id:guid}", Get).WithName("GetTask").WithSummary("Reads a task; its version is the ETag.").RequireRole(Readers);
        tasks
            .MapPut("/{id:guid}", Update)
            .WithName("UpdateTask")
            .WithSummary("Replaces a task's definition, provided it is still at the version under If-Match.")
            .MayConflict()
            .RequireRole(Operators);
        tasks
            .MapDelete("/{id:guid}", Delete)
            .WithName("DeleteTask")
            .WithSummary("Deletes a task; with If-Match, only at that version.")
            .RequireRole(Operators);
        tasks
            .MapPost("/{id:guid}/pause", Pause)
            .WithName("PauseTask")
            .WithSummary("Pauses a task; who and, with reason, why is kept while it is.")
            .RequireRole(Operators);
        tasks.MapPost("/{id:guid}/resume", Resume).WithName("ResumeTask").WithSummary("Resumes a task.").RequireRole(Operators);
        tasks.MapPost("/{id:guid}/run", Run).WithName("RunTask").WithSummary("Runs a task now.").RequireRole(Operators);
        tasks
            .MapGet("/{id:guid}/next", Next)
            .WithName("ListNextOccurrences")
            .WithSummary("The same of a task's schedule; of a paused task, what it would do.")
            .RequireRole(Readers);
        tasks
            .MapPost("/{id:guid}/backfill", Backfill)
            .WithName("BackfillTask")
            .WithSummary("Runs the occurrences of a time past, the oldest first, whether they were run or not.")
            .RequireRole(Operators);
        tasks
            .MapGet("/{id:guid}/executions", ListExecutions)
            .WithName("ListExecutions")
            .WithSummary("Lists the runs of a task, the newest first.")
            .RequireRole(Readers);
        tasks
            .MapGet("/{id:guid}/statistics", Statistics)
            .WithName("GetTaskStatistics")
            .WithSummary("Counts and measures the runs of a task that ended since a time; 24 hours ago when left out.")
            .RequireRole(Readers);
    }

    private static async Task<Results<Ok<TaskListResponse>, ProblemResult>> List(
        TaskReader reader,
        string? after,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        if (limit is < 1 or > MaxPage)
        {
            return PageSize();
        }

        var page = await reader.ListAsync(after, limit ?? 50, cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(new TaskListResponse([.. page.Items.Select(TaskResponse.From)], page.NextAfter));
    }

    private static async Task<Created<TaskResponse>> Create(
        TaskRequest request,
        IScheduler scheduler,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var task = await scheduler.CreateAsync(request.ToDefinition(), Origin(context), cancellationToken).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/tasks/{task.Id}", Tagged(context, task));
    }

    private static async Task<Results<Ok<TaskResponse>, ProblemResult>> Get(
        Guid id,
        TaskReader reader,
        HttpContext context,
        CancellationToken cancellationToken
    ) =>
        await reader.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } task
            ? TypedResults.Ok(Tagged(context, task))
            : new ProblemResult(ProblemType.NotFound, "No task has this id.");

    private static async Task<Results<Ok<TaskResponse>, ProblemResult>> Update(
        Guid id,
        TaskRequest request,
        IScheduler scheduler,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!Preconditions.TryRead(context, required: true, out var version, out var refusal))
        {
            return refusal!;
        }

        // If-Match: * asks for whatever is there: it is read first, and the change made against that.
        version ??= (await scheduler.FindAsync(id, cancellationToken).ConfigureAwait(false))?.Version ?? 0;
        var task = await scheduler
            .UpdateAsync(id, request.ToDefinition(), version.Value, Origin(context), cancellationToken)
            .ConfigureAwait(false);
        return TypedResults.Ok(Tagged(context, task));
    }

    private static async Task<Results<NoContent, ProblemResult>> Delete(
        Guid id,
        IScheduler scheduler,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!Preconditions.TryRead(context, required: false, out var version, out var refusal))
        {
            return refusal!;
        }

        await scheduler.DeleteAsync(id, version, Origin(context), cancellationToken).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<TaskResponse>> Pause(
        Guid id,
        string? reason,
        IScheduler scheduler,
        HttpContext context,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            Tagged(
                context,
                await scheduler.PauseAsync(id, expectedVersion: null, Origin(context), reason, cancellationToken).ConfigureAwait(false)
            )
        );

    private static async Task<Ok<TaskResponse>> Resume(
        Guid id,
        IScheduler scheduler,
        HttpContext context,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            Tagged(
                context,
                await scheduler.ResumeAsync(id, expectedVersion: null, Origin(context), cancellationToken).ConfigureAwait(false)
            )
        );

    private static async Task<Accepted> Run(Guid id, IScheduler scheduler, HttpContext context, CancellationToken cancellationToken)
    {
        await scheduler.TriggerAsync(id, Origin(context), cancellationToken).ConfigureAwait(false);
        return TypedResults.Accepted($"/api/v1/tasks/{id}/executions");
    }

    private static Results<Ok<SchedulePreviewResponse>, ProblemResult> Preview(
        string schedule,
        string? timeZone,
        string? name,
        int? count,
        TimeProvider time
    )
    {
        if (count is < 1 or > MaxPage)
        {
            return Count();
        }

        return Schedule.TryParse(schedule, timeZone ?? "UTC", name, out var parsed, out var error)
            ? Explained(parsed, count, time)
            : ProblemResult.Invalid(error.Column == 0 ? "timeZone" : "schedule", error.ToString());
    }

    private static async Task<Results<Ok<SchedulePreviewResponse>, ProblemResult>> Next(
        Guid id,
        int? count,
        TaskReader reader,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (count is < 1 or > MaxPage)
        {
            return Count();
        }

        if (await reader.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } task)
        {
            return new ProblemResult(ProblemType.NotFound, "No task has this id.");
        }

        // A time zone that this machine does not know, of a task that another made.
        return Schedule.TryParse(task.Schedule, task.TimeZone, task.Name, out var schedule, out var error)
            ? Explained(schedule, count, time)
            : new ProblemResult(ProblemType.Conflict, error.ToString());
    }

    private static async Task<Results<Ok<BackfillResponse>, ProblemResult>> Backfill(
        Guid id,
        BackfillRequest request,
        IScheduler scheduler,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (request.Limit is < 1 or > MaxBackfill)
        {
            return ProblemResult.Invalid(
                "limit",
                string.Create(CultureInfo.InvariantCulture, $"1 to {MaxBackfill} occurrences are run at most.")
            );
        }

        if (request.From > request.Until)
        {
            return ProblemResult.Invalid("from", "The time begins before it ends: 'from' is not after 'until'.");
        }

        var added = await scheduler
            .BackfillAsync(id, request.From, request.Until, request.Limit, Origin(context), cancellationToken)
            .ConfigureAwait(false);
        return TypedResults.Ok(new BackfillResponse(added));
    }

    private static async Task<Results<Ok<ExecutionListResponse>, ProblemResult>> ListExecutions(
        Guid id,
        TaskReader reader,
        long? before,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        if (limit is < 1 or > MaxPage)
        {
            return PageSize();
        }

        var page = await reader.ListExecutionsAsync(id, before, limit ?? 50, cancellationToken).ConfigureAwait(false);
        if (page.Items.Count == 0 && await reader.FindAsync(id, cancellationToken).ConfigureAwait(false) is null)
        {
            return new ProblemResult(ProblemType.NotFound, "No task has this id.");
        }

        return TypedResults.Ok(new ExecutionListResponse([.. page.Items.Select(ExecutionResponse.From)], page.NextBefore));
    }

    private static async Task<Results<Ok<JobStatisticsResponse>, ProblemResult>> Statistics(
        Guid id,
        TaskReader reader,
        IJobMonitor monitor,
        DateTimeOffset? since,
        CancellationToken cancellationToken
    )
    {
        var statistics = await monitor.GetTaskStatisticsAsync(id, since, cancellationToken).ConfigureAwait(false);
        return statistics.Runs == 0 && await reader.FindAsync(id, cancellationToken).ConfigureAwait(false) is null
            ? new ProblemResult(ProblemType.NotFound, "No task has this id.")
            : TypedResults.Ok(JobStatisticsResponse.From(statistics));
    }

    private static Ok<SchedulePreviewResponse> Explained(Schedule schedule, int? count, TimeProvider time) =>
        TypedResults.Ok(SchedulePreviewResponse.From(schedule, schedule.Explain(time.GetUtcNow(), count ?? 10)));

    private static ProblemResult Count() =>
        ProblemResult.Invalid("count", string.Create(CultureInfo.InvariantCulture, $"1 to {MaxPage} occurrences are listed."));

    private static ProblemResult PageSize() =>
        ProblemResult.Invalid("limit", string.Create(CultureInfo.InvariantCulture, $"A page holds 1 to {MaxPage}."));

    private static TaskResponse Tagged(HttpContext context, ScheduledTask task)
    {
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{task.Version}\"");
        return TaskResponse.From(task);
    }

    private static ChangeOrigin Origin(HttpContext context) => new(context.Actor().User, context.TraceIdentifier);
}
