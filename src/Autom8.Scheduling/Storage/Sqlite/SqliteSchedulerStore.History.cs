using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <content>The history.</content>
internal sealed partial class SqliteSchedulerStore
{
    public ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(
        Guid? taskId,
        Guid? jobId,
        long? before,
        int limit,
        CancellationToken cancellationToken
    ) =>
        new(
            _database.Read(
                (Store: this, TaskId: taskId, JobId: jobId, Before: before ?? long.MaxValue, Limit: limit),
                static (session, s) => (IReadOnlyList<TaskExecution>)s.Store.ListExecutions(session, s.TaskId, s.JobId, s.Before, s.Limit)
            )
        );

    private List<TaskExecution> ListExecutions(SqliteSession session, Guid? taskId, Guid? jobId, long before, int limit)
    {
        var (finished, claimed) =
            taskId is not null ? ("e.task_id = ?4", "j.task_id = ?4")
            : jobId is not null ? ("e.job_id = ?4", "j.id = ?4")
            : ("true", "true");
        var command = session
            .Command(
                $"""
                select * from (
                    select e.id, e.job_id, e.task_id, e.job, e.scheduled_at, e.started_at, e.completed_at, e.status, e.error_message, e.attempt, e.node, e.output, e.log
                    from {_executions} e where {finished} and e.id < ?1 order by e.id desc limit ?2)
                union all
                select * from (
                    select j.claim, j.id, j.task_id, j.job, coalesce(j.slot, j.due_at), max(j.claimed_at, j.due_at), null, 'running', null, j.attempt,
                        coalesce((select n.name from {_nodes} n where n.id = j.node), ''), null, null
                    from {_jobs} j where {claimed} and j.state = 1 and j.claim < ?1 and j.due_at <= ?3 order by j.claim desc limit ?2)
                order by 1 desc limit ?2
                """
            )
            .Bind(1, before)
            .Bind(2, limit)
            .Bind(3, Now);
        if (taskId is not null || jobId is not null)
        {
            command.Bind(4, taskId ?? jobId);
        }

        var executions = new List<TaskExecution>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            executions.Add(ReadExecution(reader));
        }

        return executions;
    }

    public ValueTask<JobStatistics> GetStatisticsAsync(
        Guid? taskId,
        string? job,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellationToken
    ) =>
        new(
            _database.Read(
                (Store: this, TaskId: taskId, Job: job, Since: since, Limit: limit),
                static (session, s) => s.Store.GetStatistics(session, s.TaskId, s.Job, s.Since, s.Limit)
            )
        );

    private JobStatistics GetStatistics(SqliteSession session, Guid? taskId, string? job, DateTimeOffset since, int limit)
    {
        var command = session
            .Command(
                $"""
                select ?3 is null or job = ?3, status, attempt, scheduled_at, started_at, completed_at
                from {_executions} where completed_at >= ?1 {(taskId is null ? "" : "and task_id = ?4")}
                order by completed_at desc limit ?2
                """
            )
            .Bind(1, since)
            .Bind(2, limit)
            .Bind(3, job);
        if (taskId is not null)
        {
            command.Bind(4, taskId);
        }

        var tally = new RunTally(limit);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            tally.Add(
                reader.GetBoolean(0),
                StoredText.ReadExecutionStatus(reader.GetString(1)),
                reader.GetInt32(2),
                reader.GetTimestamp(3),
                reader.GetTimestamp(4),
                reader.GetTimestamp(5)
            );
        }

        return tally.Result(since, Now);
    }

    public ValueTask<int> PruneExecutionsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Before: before, Limit: limit),
            static (session, s, _) =>
            {
                // Keys that were taken for a time longer than their jobs lived.
                session
                    .Command(
                        $"delete from {s.Store._keys} where expires_at <= ?1 and not exists (select 1 from {s.Store._jobs} j where j.id = job_id)"
                    )
                    .Bind(1, s.Store.Now)
                    .ExecuteNonQuery();
                return new ValueTask<int>(
                    session
                        .Command(
                            $"delete from {s.Store._executions} where id in (select id from {s.Store._executions} where completed_at < ?1 order by completed_at limit ?2)"
                        )
                        .Bind(1, s.Before)
                        .Bind(2, s.Limit)
                        .ExecuteNonQuery()
                );
            },
            cancellationToken
        );

    private static TaskExecution ReadExecution(SqliteDataReader reader) =>
        new()
        {
            Id = reader.GetInt64(0),
            JobId = reader.GetGuidBlob(1),
            TaskId = reader.GetGuidBlobOrNull(2),
            Job = reader.GetString(3),
            ScheduledAt = reader.GetTimestamp(4),
            StartedAt = reader.GetTimestamp(5),
            CompletedAt = reader.GetTimestampOrNull(6),
            Status = StoredText.ReadExecutionStatus(reader.GetString(7)),
            ErrorMessage = reader.GetStringOrNull(8),
            Attempt = reader.GetInt32(9),
            Node = reader.GetString(10),
            Output = reader.GetStringOrNull(11),
            Log = reader.GetStringOrNull(12),
        };
}
