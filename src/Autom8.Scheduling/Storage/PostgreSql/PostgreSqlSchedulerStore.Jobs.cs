using System.Data.Common;
using System.Text;
using Autom8.Scheduling.Jobs;
using Autom8.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <content>Jobs: adding, cancelling, requeueing, reading.</content>
internal sealed partial class PostgreSqlSchedulerStore
{
    private const string Told = "told";

    // From here on a binary COPY is faster than arrays.
    private const int CopyFrom = 500;

    private const string JobColumns =
        "id, job, queue, priority, state, due_at, created_at, task_id, task_name, slot, payload, policy, max_active, unique_key, debounce_key";

    public async ValueTask<Guid[]> EnqueueAsync(IReadOnlyList<NewJob> jobs, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        if (transaction is not null)
        {
            if (transaction is not NpgsqlTransaction { Connection: { } connection })
            {
                throw new ArgumentException("An open PostgreSQL transaction is needed.", nameof(transaction));
            }

            return await EnqueueAsync(connection, jobs, cancellationToken).ConfigureAwait(false);
        }

        if (jobs.All(static j => j.IsPlain))
        {
            // One statement is its own transaction.
            var own = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = own.ConfigureAwait(false);
            return await EnqueueAsync(own, jobs, cancellationToken).ConfigureAwait(false);
        }

        return await _database
            .WriteAsync(
                (Store: this, Jobs: jobs),
                static (transaction, s, ct) => s.Store.EnqueueAsync(transaction.Connection!, s.Jobs, ct),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async ValueTask<Guid[]> EnqueueAsync(
        NpgsqlConnection connection,
        IReadOnlyList<NewJob> jobs,
        CancellationToken cancellationToken
    )
    {
        var ids = new Guid[jobs.Count];
        var plain = new List<NewJob>(jobs.Count);
        List<int>? related = null;
        for (var i = 0; i < jobs.Count; i++)
        {
            ids[i] = jobs[i].Id;
            if (jobs[i].IsPlain)
            {
                plain.Add(jobs[i]);
            }
            else
            {
                (related ??= []).Add(i);
            }
        }

        if (related is not null)
        {
            await EnqueueRelatedAsync(connection, jobs, related, ids, cancellationToken).ConfigureAwait(false);
        }

        // Once for all of them: at its commit a notification takes a lock that the whole database shares.
        var wake = _hasNeighbours && jobs.Any(static j => j.DueAt is null && j.Delay == TimeSpan.Zero);
        if (plain.Count is > 0 and < CopyFrom)
        {
            // One statement, which is its own transaction outside of one.
            var added = InsertFrom(JobState.Ready);
            await Bind(Command(connection, wake ? $"with added as ({added}) select pg_notify('{_channel}', '')" : added), plain)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            return ids;
        }

        if (plain.Count > 0)
        {
            await CopyAsync(connection, plain, cancellationToken).ConfigureAwait(false);
        }

        if (wake)
        {
            await WakeAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        return ids;
    }

    /// <summary>
    /// Adds jobs that have to do with others. What transactions may meet in is taken in one order by all of them: first the jobs that are waited for, then unique keys, then debounce keys, each sorted. So two batches may name the
    /// same in any order and neither waits for the other while it is waited for.
    /// </summary>
    private async ValueTask EnqueueRelatedAsync(
        NpgsqlConnection connection,
        IReadOnlyList<NewJob> jobs,
        List<int> related,
        Guid[] ids,
        CancellationToken cancellationToken
    )
    {
        Guid[] after = [.. related.SelectMany(i => jobs[i].After).Distinct()];
        if (after.Length > 0)
        {
            // So that none of them ends unnoticed in between.
            await Command(connection, $"select 1 from {_jobs} where id = any((select $1)::uuid[]) order by id for update")
                .Bind(after)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
        }

        // Of those of one key the first has it: the sort is stable.
        var holders = new Dictionary<string, Guid>(StringComparer.Ordinal);
        foreach (var i in related.Where(i => jobs[i].UniqueKey is not null).OrderBy(i => jobs[i].UniqueKey, ByteOrder).ToList())
        {
            var key = jobs[i].UniqueKey!;
            if (!holders.TryGetValue(key, out var holder))
            {
                holder = await TakeKeyAsync(connection, jobs[i], cancellationToken).ConfigureAwait(false) ?? jobs[i].Id;
                holders.Add(key, holder);
            }

            ids[i] = holder;
        }

        related.RemoveAll(i => ids[i] != jobs[i].Id);
        foreach (var i in related.Where(i => jobs[i].DebounceKey is not null).OrderBy(i => jobs[i].DebounceKey, ByteOrder))
        {
            ids[i] = await DebounceAsync(connection, jobs[i], cancellationToken).ConfigureAwait(false);
        }

        foreach (var job in related.Select(i => jobs[i]).Where(static j => j.DebounceKey is null))
        {
            await AddAsync(connection, [job], job.After.Count > 0 ? JobState.WaitingForJobs : JobState.Ready, cancellationToken)
                .ConfigureAwait(false);
            if (job.After.Count > 0)
            {
                await WaitForAsync(connection, job, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The order of <c>collate "C"</c>, which UTF-16's is not.</summary>
    private static readonly Comparer<string?> ByteOrder = Comparer<string?>.Create(
        static (a, b) => Encoding.UTF8.GetBytes(a!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b!))
    );

    private async ValueTask<Guid> DebounceAsync(NpgsqlConnection connection, NewJob job, CancellationToken cancellationToken)
    {
        var ids = await Bind(
                Command(
                    connection,
                    $"""
                    {InsertFrom(JobState.Ready)}
                    on conflict (debounce_key) where debounce_key is not null and state = 0
                    do update set payload = excluded.payload, due_at = excluded.due_at, policy = excluded.policy returning id
                    """
                ),
                [job]
            )
            .ReadAsync(static reader => reader.GetGuid(0), cancellationToken)
            .ConfigureAwait(false);
        return ids[0];
    }

    /// <summary>Takes the job's key for it.</summary>
    /// <returns>The job that has the key; null when this one has it now.</returns>
    private async ValueTask<Guid?> TakeKeyAsync(NpgsqlConnection connection, NewJob job, CancellationToken cancellationToken)
    {
        while (true)
        {
            var taken = await Command(
                    connection,
                    $"insert into {_keys} (unique_key, job_id, expires_at) values ($1, $2, {Now} + $3) on conflict do nothing"
                )
                .Bind(job.UniqueKey)
                .Bind(job.Id)
                .BindNullable(job.UniqueFor)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            if (taken > 0)
            {
                return null;
            }

            // The lock in a statement before: whether the holder's job is there must be seen as it is after whoever had the row has committed.
            var held = await Command(connection, $"select job_id from {_keys} where unique_key = $1 for update")
                .Bind(job.UniqueKey)
                .ReadAsync(static reader => reader.GetGuid(0), cancellationToken)
                .ConfigureAwait(false);
            if (held.Count == 0)
            {
                continue; // its job has just finished
            }

            taken = await Command(
                    connection,
                    $"""
                    update {_keys} k set job_id = $2, expires_at = {Now} + $3
                    where k.unique_key = $1 and coalesce(k.expires_at, '-infinity') <= {Now} and not exists (select 1 from {_jobs} j where j.id = k.job_id)
                    """
                )
                .Bind(job.UniqueKey)
                .Bind(job.Id)
                .BindNullable(job.UniqueFor)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            return taken > 0 ? null : held[0];
        }
    }

    /// <summary>Notes what the job waits for. The caller has locked the rows of those.</summary>
    private async ValueTask WaitForAsync(NpgsqlConnection connection, NewJob job, CancellationToken cancellationToken)
    {
        Guid[] after = [.. job.After.Distinct()];
        var open = await Command(
                connection,
                $"""
                update {_jobs} set has_dependents = true where id = any((select $1)::uuid[]) and (state <> 4 or not $2) returning id
                """
            )
            .Bind(after)
            .Bind(job.AfterFailure)
            .ReadAsync(static reader => reader.GetGuid(0), cancellationToken)
            .ConfigureAwait(false);
        foreach (var ended in after.Except(open))
        {
            var statuses = await Command(connection, $"select status from {_executions} where job_id = $1 order by id desc limit 1")
                .Bind(ended)
                .ReadAsync(static reader => reader.GetString(0), cancellationToken)
                .ConfigureAwait(false);
            if (statuses.Count == 0)
            {
                throw StoreRefusals.UnknownJob(ended);
            }

            if (statuses[0] != "succeeded" && !job.AfterFailure)
            {
                throw StoreRefusals.AfterFailed(ended);
            }
        }

        if (open.Count == 0)
        {
            await Command(connection, $"update {_jobs} set state = 0 where id = $1")
                .Bind(job.Id)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        await Command(connection, $"insert into {_dependencies} (job_id, after_id, on_success) select $1, a, $3 from unnest($2) a")
            .Bind(job.Id)
            .Bind([.. open])
            .Bind(!job.AfterFailure)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Adds jobs in one statement. A slot of a task that is there already is not added again.</summary>
    private async ValueTask<int> AddAsync(
        NpgsqlConnection connection,
        IReadOnlyList<NewJob> jobs,
        JobState state,
        CancellationToken cancellationToken
    ) =>
        jobs.Count == 0
            ? 0
            : await Bind(Command(connection, InsertFrom(state) + (jobs[0].TaskId is null ? "" : " on conflict do nothing")), jobs)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);

    private string InsertFrom(JobState state) =>
        $"""
            insert into {_jobs} ({JobColumns})
            select v.id, v.job, v.queue, v.priority, {(int)state}, coalesce(v.due_at, {Now} + v.delay), {Now}, v.task_id, v.task_name, v.slot, v.payload, v.policy, v.max_active, v.unique_key, v.debounce_key
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                v(id, job, queue, priority, due_at, delay, task_id, task_name, slot, payload, policy, max_active, unique_key, debounce_key)
            """;

    private static NpgsqlCommand Bind(NpgsqlCommand command, IReadOnlyList<NewJob> jobs) =>
        command
            .Bind(Column(jobs, static j => j.Id))
            .Bind(Column(jobs, static j => j.Job))
            .Bind(Column(jobs, static j => j.Queue))
            .Bind(Column(jobs, static j => (short)j.Priority))
            .Bind(Column(jobs, static j => j.DueAt))
            .Bind(Column(jobs, static j => j.Delay))
            .Bind(Column(jobs, static j => j.TaskId))
            .Bind(Column(jobs, static j => j.TaskName))
            .Bind(Column(jobs, static j => j.Slot))
            .Bind(Column(jobs, static j => j.Payload))
            .Bind(Column(jobs, static j => j.Policy))
            .Bind(Column(jobs, static j => j.MaxActive))
            .Bind(Column(jobs, static j => j.UniqueKey))
            .Bind(Column(jobs, static j => j.DebounceKey));

    private static T[] Column<T>(IReadOnlyList<NewJob> jobs, Func<NewJob, T> value)
    {
        var column = new T[jobs.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(jobs[i]);
        }

        return column;
    }

    private async ValueTask CopyAsync(NpgsqlConnection connection, List<NewJob> jobs, CancellationToken cancellationToken)
    {
        var now = await NowAsync(connection, cancellationToken).ConfigureAwait(false);
        var writer = await connection
            .BeginBinaryImportAsync(
                $"copy {_jobs} (id, job, queue, priority, state, due_at, created_at, payload, policy) from stdin (format binary)",
                cancellationToken
            )
            .ConfigureAwait(false);
        await using var _ = writer.ConfigureAwait(false);
        foreach (var job in jobs)
        {
            await writer.StartRowAsync(cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(job.Id, NpgsqlDbType.Uuid, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(job.Job, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(job.Queue, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync((short)job.Priority, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync((short)JobState.Ready, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
            await writer
                .WriteAsync((job.DueAt ?? now + job.Delay).UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken)
                .ConfigureAwait(false);
            await writer.WriteAsync(now.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken).ConfigureAwait(false);
            await WriteTextAsync(job.Payload).ConfigureAwait(false);
            await WriteTextAsync(job.Policy).ConfigureAwait(false);
        }

        await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);

        Task WriteTextAsync(string? text) =>
            text is null ? writer.WriteNullAsync(cancellationToken) : writer.WriteAsync(text, NpgsqlDbType.Text, cancellationToken);
    }

    public ValueTask<bool> CancelAsync(Guid jobId, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Id: jobId),
            static async (transaction, s, ct) =>
            {
                var (store, connection) = (s.Store, transaction.Connection!);
                if (await store.CancelUnclaimedAsync(connection, s.Id, ct).ConfigureAwait(false))
                {
                    return true;
                }

                var told = await Command(connection, $"update {store._jobs} set cancel_requested = true where id = $1 and state = 1")
                    .Bind(s.Id)
                    .RunAsync(ct)
                    .ConfigureAwait(false);
                await store.TellAsync(connection, ct).ConfigureAwait(false);
                return told > 0;
            },
            cancellationToken
        );

    /// <summary>Cancels a job that no node has; false when there is none.</summary>
    private async ValueTask<bool> CancelUnclaimedAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken)
    {
        var gone = await Command(
                connection,
                $"""
                with gone as (delete from {_jobs} where id = $1 and state <> 1
                    returning id, job, task_id, coalesce(slot, due_at) as scheduled_at, attempt)
                insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, attempt, node)
                select nextval('{_claims}'), id, task_id, job, scheduled_at, {Now}, {Now}, 'cancelled', attempt, '' from gone
                returning task_id
                """
            )
            .Bind(id)
            .ReadAsync(static reader => reader.IsDBNull(0) ? (Guid?)null : reader.GetGuid(0), cancellationToken)
            .ConfigureAwait(false);
        if (gone.Count == 0)
        {
            return false;
        }

        await Command(connection, $"delete from {_dependencies} where job_id = $1")
            .Bind(id)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        await EndAsync(connection, [(id, false)], cancellationToken).ConfigureAwait(false);
        if (gone[0] is { } task)
        {
            await Command(connection, $"select 1 from {_tasks} where id = $1 for update")
                .Bind(task)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            await PromoteAsync(connection, [task], cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    public async ValueTask<bool> RequeueAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await Command(
                connection,
                $"""
                with again as (update {_jobs} set state = 0, due_at = {Now}, attempt = 1, abandoned = 0, error_message = null where id = $1 and state = 4 returning id)
                select pg_notify('{_channel}', '') from again
                """
            )
            .Bind(jobId)
            .ReadAsync(static _ => true, cancellationToken)
            .ConfigureAwait(false)
            is { Count: > 0 };
    }

    public async ValueTask<JobSnapshot?> FindJobAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var jobs = await Command(connection, $"{SelectJobs} where j.id = $1")
            .Bind(jobId)
            .ReadAsync(ReadJob, cancellationToken)
            .ConfigureAwait(false);
        if (jobs.Count > 0)
        {
            return jobs[0];
        }

        var executions = await ListExecutionsAsync(null, jobId, null, 1, cancellationToken).ConfigureAwait(false);
        return executions.Count == 0 ? null : StoreRefusals.Finished(executions[0]);
    }

    public async ValueTask<IReadOnlyList<JobSnapshot>> ListJobsAsync(
        JobState? state,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var only = state is { } one ? FormattableString.Invariant($" and j.state = {(int)one}") : "";
        return await Command(connection, $"{SelectJobs} where j.id > $1{only} order by j.id limit $2")
            .Bind(after ?? Guid.Empty)
            .Bind(limit)
            .ReadAsync(ReadJob, cancellationToken)
            .ConfigureAwait(false);
    }

    private string SelectJobs =>
        $"""
            select j.id, j.job, j.state, j.queue, j.priority, j.due_at, j.task_id, j.attempt, (select n.name from {_nodes} n where n.id = j.node), j.payload, j.error_message, j.progress, j.progress_note
            from {_jobs} j
            """;

    private static JobSnapshot ReadJob(NpgsqlDataReader reader) =>
        new()
        {
            Id = reader.GetGuid(0),
            Job = reader.GetString(1),
            State = (JobState)reader.GetInt16(2),
            Queue = reader.GetString(3),
            Priority = (JobPriority)reader.GetInt16(4),
            DueAt = reader.GetTimestamp(5),
            TaskId = reader.IsDBNull(6) ? null : reader.GetGuid(6),
            Attempt = reader.GetInt32(7),
            Node = reader.GetStringOrNull(8),
            Payload = reader.GetStringOrNull(9),
            ErrorMessage = reader.GetStringOrNull(10),
            Progress = reader.IsDBNull(11) ? null : new JobProgress(reader.GetDouble(11), reader.GetStringOrNull(12)),
        };

    /// <summary>Has the other nodes look, when the transaction commits. Never the only way: they look every poll interval.</summary>
    private async ValueTask WakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await Command(connection, $"select pg_notify('{_channel}', '')").RunAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Has the other nodes ask what they are told, when the transaction commits.</summary>
    private async ValueTask TellAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await Command(connection, $"select pg_notify('{_channel}', '{Told}')").RunAsync(cancellationToken).ConfigureAwait(false);
}
