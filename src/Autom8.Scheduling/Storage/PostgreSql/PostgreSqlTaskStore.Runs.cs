using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <content>Claims, leases, completion and history.</content>
internal sealed partial class PostgreSqlTaskStore
{
    private const string StateColumns =
        "triggered_at, last_completed, claim, lease_execution_id, lease_scheduled_at, lease_attempt, lease_until";

    public async ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        // Asked every poll: when nothing is due, one statement and no transaction.
        string[] jobs = [.. request.Jobs];
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var (now, next) = await NextDueAsync(connection, jobs, cancellationToken).ConfigureAwait(false);
        if (next is null || next > now)
            return new(now, next, []);

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = transaction.ConfigureAwait(false);
        var due = await Command(
                connection,
                $"""
                select {TaskColumns}, {StateColumns}, now() + $1 from {_tasks}
                where due_at <= now() + $1 and job = any($2) order by due_at limit $3 for update skip locked
                """
            )
            .Bind(ClockOffset())
            .Bind(jobs)
            .Bind(request.Limit)
            .ReadAsync(static reader => (Task: ReadDue(reader), Now: reader.GetTimestamp(23)), cancellationToken)
            .ConfigureAwait(false);
        var steps = new List<DispatchStep>(due.Count);
        foreach (var (task, at) in due)
        {
            if (request.Decide(task, at) is { } step)
            {
                await WriteAsync(connection, task, step, at, cancellationToken).ConfigureAwait(false);
                steps.Add(step);
            }
        }
        (now, next) = await NextDueAsync(connection, jobs, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return new(now, next, steps);
    }

    private async ValueTask WriteAsync(
        NpgsqlConnection connection,
        DueTask before,
        DispatchStep step,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (step.Abandoned is { } abandoned)
        {
            await Command(connection, $"update {_executions} set status = 'abandoned', completed_at = $1 where id = $2 and status = 'running'")
                .Bind(now)
                .Bind(abandoned)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
        }
        if (step.Begun is { } execution)
        {
            await Command(
                    connection,
                    $"""
                    insert into {_executions} (id, task_id, scheduled_at, started_at, completed_at, status, error_message, attempt, claim, node)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                    """
                )
                .Bind(execution.Id)
                .Bind(execution.TaskId)
                .Bind(execution.ScheduledAt)
                .Bind(execution.StartedAt)
                .Bind(execution.CompletedAt)
                .Bind(execution.Status.Text())
                .Bind(execution.ErrorMessage)
                .Bind(execution.Attempt)
                .Bind(execution.Claim)
                .Bind(execution.Node)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
        }
        var after = step.After;
        int written = await Command(
                connection,
                $"""
                update {_tasks} set next_run = $1, status = $2, last_run = $3, triggered_at = $4, last_completed = $5, claim = $6,
                    lease_execution_id = $7, lease_scheduled_at = $8, lease_attempt = $9, lease_until = $10
                where id = $11 and claim = $12 and next_run is not distinct from $13
                """
            )
            .Bind(after.Task.NextRun)
            .Bind(after.Task.Status.Text())
            .Bind(after.Task.LastRun)
            .Bind(after.TriggeredAt)
            .Bind(after.LastCompleted)
            .Bind(after.Claim)
            .Bind(after.Lease?.ExecutionId)
            .Bind(after.Lease?.ScheduledAt)
            .Bind((long?)after.Lease?.Attempt)
            .Bind(after.Lease?.Until)
            .Bind(before.Task.Id)
            .Bind(before.Claim)
            .Bind(before.Task.NextRun)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        if (written != 1)
            throw new InvalidOperationException($"Task {before.Task.Id} changed while it was locked.");
    }

    public async ValueTask<IReadOnlyList<Guid>> RenewAsync(
        IReadOnlyList<Guid> executionIds,
        TimeSpan lease,
        CancellationToken cancellationToken
    )
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await Command(
                connection,
                $"update {_tasks} set lease_until = now() + $1 where lease_execution_id = any($2) returning lease_execution_id"
            )
            .Bind(lease + ClockOffset())
            .Bind([.. executionIds])
            .ReadAsync(static reader => reader.GetGuid(0), cancellationToken)
            .ConfigureAwait(false);
    }

    public ValueTask<bool> CompleteAsync(RunOutcome outcome, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Outcome: outcome),
            static (transaction, s, ct) => s.Store.CompleteAsync(transaction.Connection!, s.Outcome, ct),
            cancellationToken
        );

    private async ValueTask<bool> CompleteAsync(NpgsqlConnection connection, RunOutcome outcome, CancellationToken cancellationToken)
    {
        // The task before its execution, as the claim does: two nodes never lock them crosswise.
        // An interrupted run leaves an expired lease of the attempt before: the next claim runs its occurrence again.
        string release =
            outcome.Status == ExecutionStatus.Cancelled
                ? "lease_until = now() + $1, lease_attempt = lease_attempt - 1"
                : "last_completed = now() + $1, lease_until = null, lease_execution_id = null, lease_scheduled_at = null, lease_attempt = null";
        await Command(connection, $"update {_tasks} set {release}, status = $2 where id = $3 and lease_execution_id = $4 and claim = $5")
            .Bind(ClockOffset())
            .Bind(StoredText.After(outcome.Status).Text())
            .Bind(outcome.TaskId)
            .Bind(outcome.ExecutionId)
            .Bind(outcome.Claim)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        int finished = await Command(
                connection,
                $"update {_executions} set status = $1, completed_at = now() + $2, error_message = $3 where id = $4 and claim = $5 and status = 'running'"
            )
            .Bind(outcome.Status.Text())
            .Bind(ClockOffset())
            .Bind(outcome.ErrorMessage)
            .Bind(outcome.ExecutionId)
            .Bind(outcome.Claim)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        return finished == 1;
    }

    public async ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(
        Guid taskId,
        long? before,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await Command(
                connection,
                $"""
                select id, task_id, scheduled_at, started_at, completed_at, status, error_message, attempt, claim, node
                from {_executions} where task_id = $1 and claim < $2 order by claim desc limit $3
                """
            )
            .Bind(taskId)
            .Bind(before ?? long.MaxValue)
            .Bind(limit)
            .ReadAsync(ReadExecution, cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<int> PruneExecutionsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await Command(
                connection,
                $"""
                delete from {_executions} where id in
                    (select e.id from {_executions} e where e.id < $1
                        and not exists (select 1 from {_tasks} t where t.id = e.task_id and t.lease_execution_id = e.id)
                        order by e.id limit $2)
                """
            )
            .Bind(StoredText.FirstId(before))
            .Bind(limit)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    private async ValueTask<(DateTimeOffset Now, DateTimeOffset? Next)> NextDueAsync(
        NpgsqlConnection connection,
        string[] jobs,
        CancellationToken cancellationToken
    )
    {
        var rows = await Command(
                connection,
                $"select now() + $1, (select due_at from {_tasks} where due_at is not null and job = any($2) order by due_at limit 1)"
            )
            .Bind(ClockOffset())
            .Bind(jobs)
            .ReadAsync(static reader => (reader.GetTimestamp(0), reader.GetTimestampOrNull(1)), cancellationToken)
            .ConfigureAwait(false);
        return rows[0];
    }

    private static DueTask ReadDue(NpgsqlDataReader reader)
    {
        const int state = 16;
        var lease = reader.IsDBNull(state + 3)
            ? null
            : new RunLease(
                reader.GetGuid(state + 3),
                reader.GetTimestamp(state + 4),
                reader.GetInt32(state + 5),
                reader.GetTimestamp(state + 6)
            );
        return new(ReadTask(reader), reader.GetTimestampOrNull(state), reader.GetTimestampOrNull(state + 1), reader.GetInt64(state + 2), lease);
    }

    private static TaskExecution ReadExecution(NpgsqlDataReader reader) =>
        new()
        {
            Id = reader.GetGuid(0),
            TaskId = reader.GetGuid(1),
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
