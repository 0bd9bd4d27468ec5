using System.Data.Common;
using System.Text.Json;
using Autom8.Scheduling.Tasks;
using Autom8.Security.Audit;

namespace Autom8.Hosting;

/// <summary>Writes every change of a task definition, and every command to one, into the audit trail: in the transaction that makes the change.</summary>
internal sealed class TaskChangeAudit(IAuditLog audit) : ITaskChangeSink
{
    public ValueTask OnChangeAsync(TaskChange change, DbTransaction transaction, CancellationToken cancellationToken) =>
        audit.AppendAsync(
            new AuditEntry(
                ActionName(change.Action),
                change.Origin.Actor is { } user ? new AuditActor(user, change.Origin.RequestId) : AuditActor.System,
                "task",
                change.TaskId.ToString(),
                JsonSerializer.Serialize(new TaskChangeDetails(change.TaskName, change.ChangedFields), HostingJson.Default.TaskChangeDetails)
            ),
            transaction,
            cancellationToken
        );

    private static string ActionName(TaskChangeAction action) =>
        action switch
        {
            TaskChangeAction.Created => "task.created",
            TaskChangeAction.Updated => "task.updated",
            TaskChangeAction.Paused => "task.paused",
            TaskChangeAction.Resumed => "task.resumed",
            TaskChangeAction.Deleted => "task.deleted",
            TaskChangeAction.Triggered => "task.triggered",
            _ => throw new ArgumentOutOfRangeException(nameof(action)),
        };
}

/// <summary>What the audit trail keeps of a change: which fields, never their values.</summary>
internal sealed record TaskChangeDetails(string Name, IReadOnlyList<string> Fields);
