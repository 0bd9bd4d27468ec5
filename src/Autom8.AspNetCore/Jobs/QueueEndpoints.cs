using System.Text.Json;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/queues</c>: what an operator rules of a queue, on all nodes.</summary>
/// <remarks>A queue is a name that jobs bear: it is there before anybody rules anything of it, so none is unknown.</remarks>
internal static class QueueEndpoints
{
    private static readonly string[] Readers = [AccountRoles.Viewer, AccountRoles.Editor, AccountRoles.Administrator];
    private static readonly string[] Operators = [AccountRoles.Administrator];

    public static void MapQueues(this IEndpointRouteBuilder api)
    {
        var queues = api.MapGroup("/queues").WithTags("Queues");
        queues
            .MapGet("/", List)
            .WithName("ListQueues")
            .WithSummary("Lists the queues that are paused or limited, or have jobs that wait, by name.")
            .RequireRole(Readers);
        queues
            .MapPost("/{queue}/pause", Pause)
            .WithName("PauseQueue")
            .WithSummary("Pauses a queue on all nodes: what runs goes on, nothing further of it begins.")
            .RequireRole(Operators);
        queues.MapPost("/{queue}/resume", Resume).WithName("ResumeQueue").WithSummary("Resumes a queue.").RequireRole(Operators);
        queues
            .MapPut("/{queue}/limit", Limit)
            .WithName("LimitQueue")
            .WithSummary("Limits how many jobs of a queue may be claimed at once on all nodes together.")
            .WithoutVersion()
            .RequireRole(Operators);
    }

    private static async Task<Ok<QueueListResponse>> List(IJobQueue jobs, CancellationToken cancellationToken)
    {
        var queues = await jobs.ListQueuesAsync(cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(new QueueListResponse([.. queues.Select(QueueResponse.From)]));
    }

    private static async Task<Ok<QueueResponse>> Pause(
        string queue,
        QueuePauseRequest? request,
        IJobQueue jobs,
        IAuditLog audit,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var origin = new ChangeOrigin(context.Actor().User, context.TraceIdentifier);
        var paused = await jobs.PauseQueueAsync(queue, origin, request?.Reason, cancellationToken).ConfigureAwait(false);
        return await RecordedAsync(audit, "queue.paused", paused, context).ConfigureAwait(false);
    }

    private static async Task<Ok<QueueResponse>> Resume(
        string queue,
        IJobQueue jobs,
        IAuditLog audit,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var resumed = await jobs.ResumeQueueAsync(queue, cancellationToken).ConfigureAwait(false);
        return await RecordedAsync(audit, "queue.resumed", resumed, context).ConfigureAwait(false);
    }

    private static async Task<Ok<QueueResponse>> Limit(
        string queue,
        QueueLimitRequest request,
        IJobQueue jobs,
        IAuditLog audit,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var limited = await jobs.LimitQueueAsync(queue, request.MaxRunning, cancellationToken).ConfigureAwait(false);
        return await RecordedAsync(audit, "queue.limited", limited, context).ConfigureAwait(false);
    }

    // It is done: a caller who hangs up now does not keep it out of the trail.
    private static async Task<Ok<QueueResponse>> RecordedAsync(IAuditLog audit, string action, QueueState queue, HttpContext context)
    {
        var details = new QueueAuditDetails(queue.PausedAt is not null, queue.MaxRunning);
        await audit
            .AppendAsync(
                new AuditEntry(
                    action,
                    context.Actor(),
                    "queue",
                    queue.Name,
                    JsonSerializer.Serialize(details, ApiJson.Api.QueueAuditDetails)
                ),
                CancellationToken.None
            )
            .ConfigureAwait(false);
        return TypedResults.Ok(QueueResponse.From(queue));
    }
}
