using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <content>The history.</content>
internal sealed partial class PostgreSqlSchedulerStore
{
    public async ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(
        Guid? taskId,
        Guid? jobId,
        long? before,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var (column, key) = taskId is { } task ? ("task_id", task) : (jobId is null ? "" : "job_id", jobId ?? default);
        var running = taskId is null ? "id" : "task_id";
        var (finished, claimed) = column is "" ? ("true", "true") : ($"e.{column} = $3", $"j.{running} = $3");
        var command = Command(
                connection,
                $"""
                (select e.id, e.job_id, e.task_id, e.job, e.scheduled_at, e.started_at, e.completed_at, e.status, e.error_message, e.attempt, e.node, e.output, e.log
                 from {_executions} e where {finished} and e.id < $1 order by e.id desc limit $2)
                union all
                (select j.claim, j.id, j.task_id, j.job, coalesce(j.slot, j.due_at), greatest(j.claimed_at, j.due_at), null, 'running', null, j.attempt,
                    coalesce((select n.name from {_nodes} n where n.id = j.node), ''), null, null
                 from {_jobs} j where {claimed} and j.state = 1 and j.claim < $1 and j.due_at <= {Now} order by j.claim desc limit $2)
                order by 1 desc limit $2
                """
            )
            .Bind(before ?? long.MaxValue)
            .Bind(limit);
        return await (column is "" ? command : command.Bind(key)).ReadAsync(ReadExecution, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<JobStatistics> GetStatisticsAsync(
        Guid? taskId,
        string? job,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = Command(
                connection,
                $"""
                with looked as (
                    select $3::text is null or job = $3 as counts, status, attempt, completed_at, completed_at - started_at as duration,
                        greatest(started_at - scheduled_at, interval '0') as lateness
                    from {_executions} where completed_at >= $1 {(taskId is null ? "" : "and task_id = $4")}
                    order by completed_at desc limit $2
                ), run as (select *, status in ('succeeded', 'failed') as ended from looked where counts)
                select {Now}, (select min(completed_at) from looked having count(*) >= $2),
                    count(*) filter (where status = 'succeeded'), count(*) filter (where status = 'failed'),
                    count(*) filter (where status = 'abandoned'), count(*) filter (where status = 'cancelled'),
                    count(*) filter (where status = 'interrupted'), count(*) filter (where status = 'snoozed'),
                    avg(duration) filter (where ended),
                    percentile_disc(0.5) within group (order by duration) filter (where ended),
                    percentile_disc(0.95) within group (order by duration) filter (where ended),
                    max(duration) filter (where ended),
                    percentile_disc(0.5) within group (order by lateness) filter (where ended and attempt = 1),
                    percentile_disc(0.95) within group (order by lateness) filter (where ended and attempt = 1),
                    max(lateness) filter (where ended and attempt = 1),
                    max(completed_at) filter (where status = 'succeeded')
                from run
                """
            )
            .Bind(since)
            .Bind((long)limit)
            .Bind(job);
        if (taskId is { } task)
        {
            command.Bind(task);
        }

        return (await command.ReadAsync(reader => ReadStatistics(reader, since), cancellationToken).ConfigureAwait(false))[0];
    }

    public async ValueTask<int> PruneExecutionsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        // Keys that were taken for a time longer than their jobs lived.
        await Command(
                connection,
                $"delete from {_keys} k where k.expires_at <= {Now} and not exists (select 1 from {_jobs} j where j.id = k.job_id)"
            )
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        return await Command(
                connection,
                $"delete from {_executions} where ctid = any(array(select ctid from {_executions} where completed_at < $1 limit $2))"
            )
            .Bind(before)
            .Bind(limit)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    private static JobStatistics ReadStatistics(NpgsqlDataReader reader, DateTimeOffset since) =>
        new()
        {
            Until = reader.GetTimestamp(0),
            Since = reader.GetTimestampOrNull(1) ?? since,
            Succeeded = reader.GetInt64(2),
            Failed = reader.GetInt64(3),
            Abandoned = reader.GetInt64(4),
            Cancelled = reader.GetInt64(5),
            Interrupted = reader.GetInt64(6),
            Snoozed = reader.GetInt64(7),
            Durations = reader.IsDBNull(8)
                ? null
                : new(reader.GetTimeSpan(8), reader.GetTimeSpan(9), reader.GetTimeSpan(10), reader.GetTimeSpan(11)),
            Lateness = reader.IsDBNull(12) ? null : new(reader.GetTimeSpan(12), reader.GetTimeSpan(13), reader.GetTimeSpan(14)),
            LastSuccess = reader.GetTimestampOrNull(15),
        };

    private static TaskExecution ReadExecution(NpgsqlDataReader reader) =>
        new()
        {
            Id = reader.GetInt64(0),
            JobId = reader.GetGuid(1),
            TaskId = reader.IsDBNull(2) ? null : reader.GetGuid(2),
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
