using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <content>Claims, leases, completion and history.</content>
internal sealed partial class SqliteTaskStore
{
    private const string StateColumns =
        "triggered_at, last_completed, claim, lease_execution_id, lease_scheduled_at, lease_attempt, lease_until";

    public ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        // Asked every poll: when nothing is due, the lane (and its fsync) is left alone.
        var now = _time.GetUtcTimestamp();
        string jobs = JobList(request.Jobs);
        var due = _database.Read((Store: this, Jobs: jobs), static (session, s) => s.Store.NextDue(session, s.Jobs));
        return due is null || due > now
            ? new(new ClaimResult(now, due, []))
            : _database.WriteAsync(
                (Store: this, Request: request, Jobs: jobs),
                static (session, s, _) => new ValueTask<ClaimResult>(s.Store.Claim(session, s.Request, s.Jobs)),
                cancellationToken
            );
    }

    private ClaimResult Claim(SqliteSession session, ClaimRequest request, string jobs)
    {
        var now = _time.GetUtcTimestamp();
        var due = new List<DueTask>();
        using (
            var reader = session
                .Command(
                    $"""
                    select {TaskColumns}, {StateColumns} from {_tasks}
                    where due_at <= ?1 and job in (select value from json_each(?2)) order by due_at limit ?3
                    """
                )
                .Bind(1, now)
                .Bind(2, jobs)
                .Bind(3, request.Limit)
                .ExecuteReader()
        )
        {
            while (reader.Read())
                due.Add(ReadDue(reader));
        }
        var steps = new List<DispatchStep>(due.Count);
        foreach (var task in due)
        {
            if (request.Decide(task, now) is { } step)
            {
                Write(session, task, step, now);
                steps.Add(step);
            }
        }
        return new(now, NextDue(session, jobs), steps);
    }

    private void Write(SqliteSession session, DueTask before, DispatchStep step, DateTimeOffset now)
    {
        if (step.Abandoned is { } abandoned)
        {
            session
                .Command($"update {_executions} set status = 'abandoned', completed_at = ?1 where id = ?2 and status = 'running'")
                .Bind(1, now)
                .Bind(2, abandoned)
                .ExecuteNonQuery();
        }
        if (step.Begun is { } execution)
        {
            session
                .Command(
                    $"""
                    insert into {_executions} (id, task_id, scheduled_at, started_at, completed_at, status, error_message, attempt, claim, node)
                    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                    """
                )
                .Bind(1, execution.Id)
                .Bind(2, execution.TaskId)
                .Bind(3, execution.ScheduledAt)
                .Bind(4, execution.StartedAt)
                .Bind(5, execution.CompletedAt)
                .Bind(6, execution.Status.Text())
                .Bind(7, execution.ErrorMessage)
                .Bind(8, execution.Attempt)
                .Bind(9, execution.Claim)
                .Bind(10, execution.Node)
                .ExecuteNonQuery();
        }
        var after = step.After;
        int written = session
            .Command(
                $"""
                update {_tasks} set next_run = ?1, status = ?2, last_run = ?3, triggered_at = ?4, last_completed = ?5, claim = ?6,
                    lease_execution_id = ?7, lease_scheduled_at = ?8, lease_attempt = ?9, lease_until = ?10
                where id = ?11 and claim = ?12 and next_run is ?13
                """
            )
            .Bind(1, after.Task.NextRun)
            .Bind(2, after.Task.Status.Text())
            .Bind(3, after.Task.LastRun)
            .Bind(4, after.TriggeredAt)
            .Bind(5, after.LastCompleted)
            .Bind(6, after.Claim)
            .Bind(7, after.Lease?.ExecutionId)
            .Bind(8, after.Lease?.ScheduledAt)
            .Bind(9, (long?)after.Lease?.Attempt)
            .Bind(10, after.Lease?.Until)
            .Bind(11, before.Task.Id)
            .Bind(12, before.Claim)
            .Bind(13, before.Task.NextRun)
            .ExecuteNonQuery();
        if (written != 1)
            throw new InvalidOperationException($"Task {before.Task.Id} changed while it was locked.");
    }

    public ValueTask<IReadOnlyList<Guid>> RenewAsync(
        IReadOnlyList<Guid> executionIds,
        TimeSpan lease,
        CancellationToken cancellationToken
    ) =>
        _database.WriteAsync(
            (Store: this, Ids: executionIds, Lease: lease),
            static (session, s, _) =>
            {
                var until = s.Store._time.GetUtcTimestamp() + s.Lease;
                var held = new List<Guid>(s.Ids.Count);
                foreach (var id in s.Ids)
                {
                    int written = session
                        .Command($"update {s.Store._tasks} set lease_until = ?1 where lease_execution_id = ?2")
                        .Bind(1, until)
                        .Bind(2, id)
                        .ExecuteNonQuery();
                    if (written == 1)
                        held.Add(id);
                }
                return new ValueTask<IReadOnlyList<Guid>>(held);
            },
            cancellationToken
        );

    public ValueTask<bool> CompleteAsync(RunOutcome outcome, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Outcome: outcome),
            static (session, s, _) => new ValueTask<bool>(s.Store.Complete(session, s.Outcome)),
            cancellationToken
        );

    private bool Complete(SqliteSession session, RunOutcome outcome)
    {
        var now = _time.GetUtcTimestamp();
        int finished = session
            .Command(
                $"update {_executions} set status = ?1, completed_at = ?2, error_message = ?3 where id = ?4 and claim = ?5 and status = 'running'"
            )
            .Bind(1, outcome.Status.Text())
            .Bind(2, now)
            .Bind(3, outcome.ErrorMessage)
            .Bind(4, outcome.ExecutionId)
            .Bind(5, outcome.Claim)
            .ExecuteNonQuery();
        if (finished == 0)
            return false;
        // An interrupted run leaves an expired lease of the attempt before: the next claim runs its occurrence again.
        string release =
            outcome.Status == ExecutionStatus.Cancelled
                ? "lease_until = ?1, lease_attempt = lease_attempt - 1"
                : "last_completed = ?1, lease_until = null, lease_execution_id = null, lease_scheduled_at = null, lease_attempt = null";
        session
            .Command($"update {_tasks} set {release}, status = ?2 where id = ?3 and lease_execution_id = ?4 and claim = ?5")
            .Bind(1, now)
            .Bind(2, StoredText.After(outcome.Status).Text())
            .Bind(3, outcome.TaskId)
            .Bind(4, outcome.ExecutionId)
            .Bind(5, outcome.Claim)
            .ExecuteNonQuery();
        return true;
    }

    public ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(
        Guid taskId,
        long? before,
        int limit,
        CancellationToken cancellationToken
    ) =>
        new(
            _database.Read(
                (Table: _executions, TaskId: taskId, Before: before ?? long.MaxValue, Limit: limit),
                static (session, s) =>
                {
                    var executions = new List<TaskExecution>();
                    using var reader = session
                        .Command(
                            $"""
                            select id, task_id, scheduled_at, started_at, completed_at, status, error_message, attempt, claim, node
                            from {s.Table} where task_id = ?1 and claim < ?2 order by claim desc limit ?3
                            """
                        )
                        .Bind(1, s.TaskId)
                        .Bind(2, s.Before)
                        .Bind(3, s.Limit)
                        .ExecuteReader();
                    while (reader.Read())
                        executions.Add(ReadExecution(reader));
                    return (IReadOnlyList<TaskExecution>)executions;
                }
            )
        );

    public ValueTask<int> PruneExecutionsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Table: _executions, Tasks: _tasks, Before: StoredText.FirstId(before), Limit: limit),
            static (session, s, _) =>
                new ValueTask<int>(
                    session
                        .Command(
                            $"""
                            delete from {s.Table} where id in
                                (select e.id from {s.Table} e where e.id < ?1
                                    and not exists (select 1 from {s.Tasks} t where t.id = e.task_id and t.lease_execution_id = e.id)
                                    order by e.id limit ?2)
                            """
                        )
                        .Bind(1, s.Before)
                        .Bind(2, s.Limit)
                        .ExecuteNonQuery()
                ),
            cancellationToken
        );

    private DateTimeOffset? NextDue(SqliteSession session, string jobs)
    {
        using var reader = session
            .Command(
                $"select due_at from {_tasks} where due_at is not null and job in (select value from json_each(?1)) order by due_at limit 1"
            )
            .Bind(1, jobs)
            .ExecuteReader();
        return reader.Read() ? reader.GetTimestamp(0) : null;
    }

    // Job names are checked when they are registered to be plain words: no escaping is needed.
    private static string JobList(IReadOnlyList<string> jobs) => jobs.Count == 0 ? "[]" : $"[\"{string.Join("\",\"", jobs)}\"]";

    private static DueTask ReadDue(SqliteDataReader reader)
    {
        const int state = 16;
        var lease = reader.IsDBNull(state + 3)
            ? null
            : new RunLease(
                reader.GetGuidBlob(state + 3),
                reader.GetTimestamp(state + 4),
                reader.GetInt32(state + 5),
                reader.GetTimestamp(state + 6)
            );
        return new(ReadTask(reader), reader.GetTimestampOrNull(state), reader.GetTimestampOrNull(state + 1), reader.GetInt64(state + 2), lease);
    }

    private static TaskExecution ReadExecution(SqliteDataReader reader) =>
        new()
        {
            Id = reader.GetGuidBlob(0),
            TaskId = reader.GetGuidBlob(1),
            ScheduledAt = reader.GetTimestamp(2),
            StartedAt = reader.GetTimestamp(3),
            CompletedAt = reader.GetTimestampOrNull(4),
            Status = StoredText.ReadExecutionStatus(reader.GetString(5)),
            ErrorMessage = reader.GetStringOrNull(6),
            Attempt = reader.GetInt32(7),
            Claim = reader.GetInt64(8),
            Node = reader.GetString(9),
        };
}
