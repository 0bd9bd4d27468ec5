using System.Data.Common;
using Autom8.Scheduling.Jobs;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <content>Jobs: adding, cancelling, requeueing, reading.</content>
internal sealed partial class SqliteSchedulerStore
{
    private string InsertSql =>
        field ??= $"""
            insert into {_jobs} (id, job, queue, priority, state, due_at, created_at, payload, policy, task_id, task_name, slot, max_active, unique_key, debounce_key)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """;

    private string InsertSlotSql => field ??= InsertSql + " on conflict do nothing";

    private string DebounceSql =>
        field ??= $"""
            {InsertSql} on conflict (debounce_key) where debounce_key is not null and state = 0
            do update set payload = excluded.payload, due_at = excluded.due_at, policy = excluded.policy returning id
            """;

    private string InsertPlainSql =>
        field ??= $"""
            insert into {_jobs} (id, job, queue, priority, state, due_at, created_at, payload, policy) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """;

    public async ValueTask<Guid[]> EnqueueAsync(
        IReadOnlyList<NewJob> jobs,
        DbTransaction? transaction,
        CancellationToken cancellationToken
    ) =>
        transaction is not null
            ? Enqueue(SqliteSession.Of(transaction), jobs)
            : await _database
                .WriteAsync(
                    (Store: this, Jobs: jobs),
                    static (session, s, _) => new ValueTask<Guid[]>(s.Store.Enqueue(session, s.Jobs)),
                    cancellationToken
                )
                .ConfigureAwait(false);

    private Guid[] Enqueue(SqliteSession session, IReadOnlyList<NewJob> jobs)
    {
        var now = Now;
        var ids = new Guid[jobs.Count];
        SqliteCommand? insert = null;
        for (var i = 0; i < ids.Length; i++)
        {
            var job = jobs[i];
            if (job is { IsPlain: true, TaskId: null })
            {
                BindPlain(insert ??= session.Command(InsertPlainSql), job, JobState.Ready, now).ExecuteNonQuery();
                ids[i] = job.Id;
            }
            else
            {
                ids[i] = EnqueueOne(session, job, now);
            }
        }

        return ids;
    }

    private Guid EnqueueOne(SqliteSession session, NewJob job, DateTimeOffset now)
    {
        if (job.UniqueKey is not null && !TakeKey(session, job, now, out var holder))
        {
            return holder;
        }

        if (job.DebounceKey is not null)
        {
            using var reader = Bind(session.Command(DebounceSql), job, JobState.Ready, now).ExecuteReader();
            reader.Read();
            return reader.GetGuidBlob(0);
        }

        var waits = job.After.Count > 0 && WaitFor(session, job);
        Bind(session.Command(InsertSql), job, waits ? JobState.WaitingForJobs : JobState.Ready, now).ExecuteNonQuery();
        return job.Id;
    }

    private bool TakeKey(SqliteSession session, NewJob job, DateTimeOffset now, out Guid holder)
    {
        var taken = session
            .Command(
                $"""
                insert into {_keys} as k (unique_key, job_id, expires_at) values (?1, ?2, ?3)
                on conflict (unique_key) do update set job_id = excluded.job_id, expires_at = excluded.expires_at
                    where (k.expires_at is null or k.expires_at <= ?4) and not exists (select 1 from {_jobs} j where j.id = k.job_id)
                """
            )
            .Bind(1, job.UniqueKey)
            .Bind(2, job.Id)
            .Bind(3, now + job.UniqueFor)
            .Bind(4, now)
            .ExecuteNonQuery();
        if (taken == 1)
        {
            holder = job.Id;
            return true;
        }

        using var reader = session.Command($"select job_id from {_keys} where unique_key = ?1").Bind(1, job.UniqueKey).ExecuteReader();
        reader.Read();
        holder = reader.GetGuidBlob(0);
        return false;
    }

    /// <summary>Notes what the job waits for.</summary>
    /// <returns>Whether anything of it is open.</returns>
    private bool WaitFor(SqliteSession session, NewJob job)
    {
        var waits = false;
        foreach (var after in job.After)
        {
            var open = session
                .Command($"update {_jobs} set has_dependents = 1 where id = ?1 and (state <> 4 or not ?2)")
                .Bind(1, after)
                .Bind(2, job.AfterFailure)
                .ExecuteNonQuery();
            if (open == 0)
            {
                CheckEnded(session, after, job.AfterFailure);
                continue;
            }

            waits = true;
            session
                .Command($"insert into {_dependencies} (job_id, after_id, on_success) values (?1, ?2, ?3) on conflict do nothing")
                .Bind(1, job.Id)
                .Bind(2, after)
                .Bind(3, !job.AfterFailure)
                .ExecuteNonQuery();
        }

        return waits;
    }

    private void CheckEnded(SqliteSession session, Guid id, bool afterFailure)
    {
        var status = session
            .Command($"select status from {_executions} where job_id = ?1 order by id desc limit 1")
            .Bind(1, id)
            .ExecuteScalar();
        if (status is null)
        {
            throw StoreRefusals.UnknownJob(id);
        }

        if (!afterFailure && status is not "succeeded")
        {
            throw StoreRefusals.AfterFailed(id);
        }
    }

    /// <summary>Adds runs of a task. A slot that is there already is not added again.</summary>
    private int AddSlots(SqliteSession session, IReadOnlyList<NewJob> jobs, JobState state, DateTimeOffset now)
    {
        var added = 0;
        var insert = session.Command(InsertSlotSql);
        for (var i = 0; i < jobs.Count; i++)
        {
            added += Bind(insert, jobs[i], state, now).ExecuteNonQuery();
        }

        return added;
    }

    private static SqliteCommand BindPlain(SqliteCommand command, NewJob job, JobState state, DateTimeOffset now) =>
        command
            .Bind(1, job.Id)
            .Bind(2, job.Job)
            .Bind(3, job.Queue)
            .Bind(4, (long)job.Priority)
            .Bind(5, (long)state)
            .Bind(6, job.DueAt ?? now + job.Delay)
            .Bind(7, now)
            .Bind(8, job.Payload)
            .Bind(9, job.Policy);

    private static SqliteCommand Bind(SqliteCommand command, NewJob job, JobState state, DateTimeOffset now) =>
        BindPlain(command, job, state, now)
            .Bind(10, job.TaskId)
            .Bind(11, job.TaskName)
            .Bind(12, job.Slot)
            .Bind(13, job.MaxActive)
            .Bind(14, job.UniqueKey)
            .Bind(15, job.DebounceKey);

    public ValueTask<bool> CancelAsync(Guid jobId, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Id: jobId),
            static (session, s, _) => new ValueTask<bool>(s.Store.Cancel(session, s.Id)),
            cancellationToken
        );

    private bool Cancel(SqliteSession session, Guid id) =>
        CancelUnclaimed(session, id)
        || session.Command($"update {_jobs} set cancel_requested = 1 where id = ?1 and state = 1").Bind(1, id).ExecuteNonQuery() > 0;

    /// <summary>Cancels a job that no node has; false when there is none.</summary>
    private bool CancelUnclaimed(SqliteSession session, Guid id)
    {
        var now = Now;
        var noted = session
            .Command(
                $"""
                insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, attempt, node)
                select ?2, id, task_id, job, coalesce(slot, due_at), ?3, ?3, 'cancelled', attempt, '' from {_jobs} where id = ?1 and state <> 1
                """
            )
            .Bind(1, id)
            .Bind(2, NextClaim(session))
            .Bind(3, now)
            .ExecuteNonQuery();
        if (noted == 0)
        {
            return false;
        }

        Guid? task;
        using (var reader = session.Command($"delete from {_jobs} where id = ?1 returning task_id").Bind(1, id).ExecuteReader())
        {
            reader.Read();
            task = reader.GetGuidBlobOrNull(0);
        }

        session.Command($"delete from {_dependencies} where job_id = ?1").Bind(1, id).ExecuteNonQuery();
        End(session, [(id, false)]);
        if (task is { } promoted)
        {
            Promote(session, promoted);
        }

        return true;
    }

    public ValueTask<bool> RequeueAsync(Guid jobId, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Id: jobId),
            static (session, s, _) =>
                new ValueTask<bool>(
                    session
                        .Command(
                            $"update {s.Store._jobs} set state = 0, due_at = ?2, attempt = 1, abandoned = 0, error_message = null where id = ?1 and state = 4"
                        )
                        .Bind(1, s.Id)
                        .Bind(2, s.Store.Now)
                        .ExecuteNonQuery() > 0
                ),
            cancellationToken
        );

    public async ValueTask<JobSnapshot?> FindJobAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var job = _database.Read(
            (Store: this, Id: jobId),
            static (session, s) =>
            {
                using var reader = session.Command($"{s.Store.SelectJobs} where j.id = ?1").Bind(1, s.Id).ExecuteReader();
                return reader.Read() ? ReadJob(reader) : null;
            }
        );
        if (job is not null)
        {
            return job;
        }

        var executions = await ListExecutionsAsync(null, jobId, null, 1, cancellationToken).ConfigureAwait(false);
        return executions.Count == 0 ? null : StoreRefusals.Finished(executions[0]);
    }

    public ValueTask<IReadOnlyList<JobSnapshot>> ListJobsAsync(
        JobState? state,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    ) =>
        new(
            _database.Read(
                (Store: this, State: state, After: after ?? Guid.Empty, Limit: limit),
                static (session, s) =>
                {
                    var jobs = new List<JobSnapshot>();
                    var only = s.State is { } one ? FormattableString.Invariant($" and j.state = {(int)one}") : "";
                    using var reader = session
                        .Command($"{s.Store.SelectJobs} where j.id > ?1{only} order by j.id limit ?2")
                        .Bind(1, s.After)
                        .Bind(2, s.Limit)
                        .ExecuteReader();
                    while (reader.Read())
                    {
                        jobs.Add(ReadJob(reader));
                    }

                    return (IReadOnlyList<JobSnapshot>)jobs;
                }
            )
        );

    private string SelectJobs =>
        field ??= $"""
            select j.id, j.job, j.state, j.queue, j.priority, j.due_at, j.task_id, j.attempt, (select n.name from {_nodes} n where n.id = j.node), j.payload, j.error_message, j.progress, j.progress_note
            from {_jobs} j
            """;

    private static JobSnapshot ReadJob(SqliteDataReader reader) =>
        new()
        {
            Id = reader.GetGuidBlob(0),
            Job = reader.GetString(1),
            State = (JobState)reader.GetInt32(2),
            Queue = reader.GetString(3),
            Priority = (JobPriority)reader.GetInt32(4),
            DueAt = reader.GetTimestamp(5),
            TaskId = reader.GetGuidBlobOrNull(6),
            Attempt = reader.GetInt32(7),
            Node = reader.GetStringOrNull(8),
            Payload = reader.GetStringOrNull(9),
            ErrorMessage = reader.GetStringOrNull(10),
            Progress = reader.IsDBNull(11) ? null : new JobProgress(reader.GetDouble(11), reader.GetStringOrNull(12)),
        };
}
