using System.Data.Common;
using System.Runtime.CompilerServices;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <content>Claims, completion, release.</content>
internal sealed partial class SqliteSchedulerStore
{
    private static readonly JobPriority[] Priorities = [JobPriority.High, JobPriority.Normal, JobPriority.Low];
    private static readonly ConditionalWeakTable<string[], HashSet<string>> KnownNames = [];

    private string DueSql =>
        field ??= $"""
            select id, job, due_at, task_id, task_name, slot, payload, policy, attempt, abandoned from {_jobs}
            where state = 0 and queue = ?1 and priority = ?2 and due_at <= ?3 and not exists (select 1 from {_queues} x where x.name = ?1 and x.paused_at is not null)
            order by due_at, id
            """;

    private string NextJobSql =>
        field ??= $"""
            select due_at, job from {_jobs}
            where state = 0 and queue = ?1 and priority = ?2 and not exists (select 1 from {_queues} x where x.name = ?1 and x.paused_at is not null)
            order by due_at
            """;

    private string ClaimSql =>
        field ??=
            $"update {_jobs} set state = 1, claim = ?2, node = ?3, claimed_at = ?4, debounce_key = null, progress = null, progress_note = null where id = ?1";

    private string FinishSql =>
        field ??= $"delete from {_jobs} where id = ?1 and claim = ?2 and state = 1 returning has_dependents, unique_key is not null";

    private string AgainSql =>
        field ??= $"""
            update {_jobs} set state = ?3, due_at = coalesce(?4, due_at), attempt = attempt + ?5, node = null, error_message = ?6
            where id = ?1 and claim = ?2 and state = 1 returning cancel_requested
            """;

    private string RecordSql =>
        field ??= $"""
            insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node, output, log)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """;

    /// <summary>The names of the jobs that a process knows, to look up: the array is the same every time.</summary>
    private static HashSet<string> Known(string[] names) => KnownNames.GetValue(names, static n => new(n, StringComparer.Ordinal));

    public ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var next = _database.Read((Store: this, Request: request), static (session, s) => s.Store.Next(session, s.Request, []));
        return next.NextJob is null || next.NextJob > next.Now + request.Ahead
            ? new(next)
            : _database.WriteAsync(
                (Store: this, Request: request),
                static (session, s, _) => new ValueTask<ClaimResult>(s.Store.Claim(session, s.Request)),
                cancellationToken
            );
    }

    private ClaimResult Claim(SqliteSession session, ClaimRequest request)
    {
        // A node claims as long as its row is there: whoever was taken for dead has nothing that somebody else would look after.
        if (session.Command($"select 1 from {_nodes} where id = ?1").Bind(1, request.Node).ExecuteScalar() is null)
        {
            return Next(session, request, []);
        }

        var now = Now;
        var jobs = new List<ClaimedJob>();
        var last = (long)session.Command($"select last from {_claims}").ExecuteScalar()!;
        foreach (var share in request.Shares)
        {
            var most = jobs.Count + share.Limit;
            foreach (var priority in Priorities)
            {
                foreach (var queue in share.Queues)
                {
                    if (jobs.Count < most)
                    {
                        Take(session, request, queue, priority, now, last, most, jobs);
                    }
                }
            }
        }

        if (jobs.Count > 0)
        {
            session.Command($"update {_claims} set last = ?1").Bind(1, last + jobs.Count).ExecuteNonQuery();
            var claim = session.Command(ClaimSql);
            foreach (var job in jobs)
            {
                claim.Bind(1, job.Id).Bind(2, job.Claim).Bind(3, request.Node).Bind(4, now).ExecuteNonQuery();
            }
        }

        return Next(session, request, jobs);
    }

    private void Take(
        SqliteSession session,
        ClaimRequest request,
        string queue,
        JobPriority priority,
        DateTimeOffset now,
        long last,
        int most,
        List<ClaimedJob> jobs
    )
    {
        var known = Known(request.Jobs);
        var limit = (int)Math.Min(most, (long)jobs.Count + RoomIn(session, queue) - jobs.Count(j => j.Queue == queue));
        using var reader = session.Command(DueSql).Bind(1, queue).Bind(2, (long)priority).Bind(3, now + request.Ahead).ExecuteReader();
        while (jobs.Count < limit && reader.Read())
        {
            if (!known.TryGetValue(reader.GetString(1), out var job))
            {
                continue;
            }

            jobs.Add(
                new()
                {
                    Id = reader.GetGuidBlob(0),
                    Claim = last + jobs.Count + 1,
                    Job = job,
                    Queue = queue,
                    Priority = priority,
                    DueAt = reader.GetTimestamp(2),
                    TaskId = reader.GetGuidBlobOrNull(3),
                    TaskName = reader.GetStringOrNull(4),
                    Slot = reader.GetTimestampOrNull(5),
                    Payload = reader.GetStringOrNull(6),
                    Policy = reader.GetStringOrNull(7),
                    Attempt = reader.GetInt32(8),
                    Abandoned = reader.GetInt32(9),
                }
            );
        }
    }

    private ClaimResult Next(SqliteSession session, ClaimRequest request, IReadOnlyList<ClaimedJob> jobs)
    {
        var known = Known(request.Jobs);
        DateTimeOffset? next = null;
        foreach (var queue in request.Shares.SelectMany(static s => s.Queues))
        {
            foreach (var priority in Priorities)
            {
                if (RoomIn(session, queue) > 0 && NextJob(session, queue, priority, known) is { } due && (next is null || due < next))
                {
                    next = due;
                }
            }
        }

        return new(jobs, Now, next, NextSlot(session, known));
    }

    private DateTimeOffset? NextJob(SqliteSession session, string queue, JobPriority priority, HashSet<string> known)
    {
        using var reader = session.Command(NextJobSql).Bind(1, queue).Bind(2, (long)priority).ExecuteReader();
        while (reader.Read())
        {
            if (known.Contains(reader.GetString(1)))
            {
                return reader.GetTimestamp(0);
            }
        }

        return null;
    }

    private long NextClaim(SqliteSession session) =>
        (long)session.Command($"update {_claims} set last = last + 1 returning last").ExecuteScalar()!;

    public async ValueTask<IReadOnlySet<long>> CompleteAsync(
        IReadOnlyList<JobOutcome> outcomes,
        DbTransaction? transaction,
        Func<WatchedTask, IReadOnlyList<JobOutcome>, string?>? fold,
        CancellationToken cancellationToken
    ) =>
        transaction is not null
            ? Complete(SqliteSession.Of(transaction), outcomes, fold)
            : await _database
                .WriteAsync(
                    (Store: this, Outcomes: outcomes, Fold: fold),
                    static (session, s, _) => new ValueTask<HashSet<long>>(s.Store.Complete(session, s.Outcomes, s.Fold)),
                    cancellationToken
                )
                .ConfigureAwait(false);

    private HashSet<long> Complete(
        SqliteSession session,
        IReadOnlyList<JobOutcome> outcomes,
        Func<WatchedTask, IReadOnlyList<JobOutcome>, string?>? fold
    )
    {
        var now = Now;
        var recorded = new HashSet<long>(outcomes.Count);
        var ended = new List<(Guid, bool)>();
        var cancelled = new List<Guid>();
        Dictionary<Guid, JobOutcome>? tasks = null;
        var written = new List<JobOutcome>();
        var (finish, again, record) = (session.Command(FinishSql), session.Command(AgainSql), session.Command(RecordSql));
        for (var i = 0; i < outcomes.Count; i++)
        {
            var outcome = outcomes[i];
            if (outcome.IsCancellation && GoesOn(session, outcome.Job))
            {
                if (!outcome.HasBegun)
                {
                    Release(session, [outcome.Job]);
                    recorded.Add(outcome.Job.Claim);
                    continue;
                }

                outcome = outcome.Interrupted();
            }

            var held =
                outcome.Then == JobDisposition.Finish
                    ? Finish(session, finish, outcome, now, ended)
                    : Again(again, outcome, now, ended, cancelled);
            if (!held)
            {
                continue;
            }

            Record(record, outcome);
            recorded.Add(outcome.Job.Claim);
            if (outcome.Job.TaskId is { } task)
            {
                written.Add(outcome);
                tasks ??= [];
                if (!tasks.TryGetValue(task, out var other) || other.Job.Claim < outcome.Job.Claim)
                {
                    tasks[task] = outcome;
                }
            }
        }

        if (tasks is not null)
        {
            UpdateTasks(session, tasks);
            if (fold is not null)
            {
                Fold(session, fold, written);
            }
        }

        End(session, ended);
        // The run ended otherwise before it was told: the wish holds.
        foreach (var id in cancelled)
        {
            CancelUnclaimed(session, id);
        }

        return recorded;
    }

    /// <summary>Whether nobody asks for the end of a job any more.</summary>
    private bool GoesOn(SqliteSession session, ClaimedJob job) =>
        session
            .Command($"select 1 from {_jobs} where id = ?1 and claim = ?2 and state = 1 and cancel_requested = 0")
            .Bind(1, job.Id)
            .Bind(2, job.Claim)
            .ExecuteScalar()
            is not null;

    private bool Finish(SqliteSession session, SqliteCommand finish, JobOutcome outcome, DateTimeOffset now, List<(Guid, bool)> ended)
    {
        var id = outcome.Job.Id;
        bool hasDependents;
        bool hasKey;
        using (var reader = finish.Bind(1, id).Bind(2, outcome.Job.Claim).ExecuteReader())
        {
            if (!reader.Read())
            {
                return false;
            }

            (hasDependents, hasKey) = (reader.GetBoolean(0), reader.GetBoolean(1));
        }

        if (hasDependents)
        {
            ended.Add((id, outcome.Status == ExecutionStatus.Succeeded));
        }

        if (hasKey)
        {
            session
                .Command($"delete from {_keys} where job_id = ?1 and (expires_at is null or expires_at <= ?2)")
                .Bind(1, id)
                .Bind(2, now)
                .ExecuteNonQuery();
        }

        return true;
    }

    private static bool Again(SqliteCommand again, JobOutcome outcome, DateTimeOffset now, List<(Guid, bool)> ended, List<Guid> cancelled)
    {
        var isDead = outcome.Then == JobDisposition.Bury;
        var isCancelled = again
            .Bind(1, outcome.Job.Id)
            .Bind(2, outcome.Job.Claim)
            .Bind(3, (long)(isDead ? JobState.Dead : JobState.Ready))
            .Bind(4, isDead ? (DateTimeOffset?)null : now + outcome.Delay)
            .Bind(5, outcome.Then == JobDisposition.Retry ? 1L : 0L)
            .Bind(6, outcome.Error)
            .ExecuteScalar();
        if (isCancelled is 1L)
        {
            cancelled.Add(outcome.Job.Id);
        }
        else if (isCancelled is not null && isDead)
        {
            ended.Add((outcome.Job.Id, false));
        }

        return isCancelled is not null;
    }

    private static void Record(SqliteCommand record, JobOutcome outcome) =>
        record
            .Bind(1, outcome.Job.Claim)
            .Bind(2, outcome.Job.Id)
            .Bind(3, outcome.Job.TaskId)
            .Bind(4, outcome.Job.Job)
            .Bind(5, outcome.Job.Slot ?? outcome.Job.DueAt)
            .Bind(6, outcome.StartedAt)
            .Bind(7, outcome.CompletedAt)
            .Bind(8, outcome.Status.Text())
            .Bind(9, outcome.Error)
            .Bind(10, outcome.Job.Attempt)
            .Bind(11, outcome.Node)
            .Bind(12, outcome.Output)
            .Bind(13, outcome.Log)
            .ExecuteNonQuery();

    /// <summary>How the tasks fare, and the next run of those that wait for their turn.</summary>
    private void UpdateTasks(SqliteSession session, Dictionary<Guid, JobOutcome> tasks)
    {
        var update = session.Command(
            $"update {_tasks} set last_run = max(coalesce(last_run, ?2), ?2), status = coalesce(?3, status) where id = ?1"
        );
        foreach (var (id, outcome) in tasks)
        {
            update.Bind(1, id).Bind(2, outcome.StartedAt).Bind(3, StoredText.TaskStatusAfter(outcome)).ExecuteNonQuery();
        }

        foreach (var id in tasks.Keys)
        {
            Promote(session, id);
        }
    }

    public ValueTask<int> PromoteAsync(CancellationToken cancellationToken)
    {
        var tasks = _database.Read(
            this,
            static (session, store) =>
            {
                var tasks = new List<Guid>();
                using var reader = session.Command($"select distinct task_id from {store._jobs} where state = 2").ExecuteReader();
                while (reader.Read())
                {
                    tasks.Add(reader.GetGuidBlob(0));
                }

                return tasks;
            }
        );
        return tasks.Count == 0
            ? new(0)
            : _database.WriteAsync(
                (Store: this, Tasks: tasks),
                static (session, s, _) =>
                {
                    var promoted = 0;
                    foreach (var task in s.Tasks)
                    {
                        promoted += s.Store.Promote(session, task);
                    }

                    return new ValueTask<int>(promoted);
                },
                cancellationToken
            );
    }

    private int Promote(SqliteSession session, Guid task) =>
        session
            .Command(
                $"""
                update {_jobs} set state = 0 where state = 2 and id in (
                    select w.id from (
                        select j.id, j.max_active - row_number() over (order by j.due_at, j.id) as room from {_jobs} j where j.state = 2 and j.task_id = ?1) w
                    where w.room - (select count(*) from {_jobs} a where a.task_id = ?1 and a.state < 2) >= 0)
                """
            )
            .Bind(1, task)
            .ExecuteNonQuery();

    /// <summary>What waited for jobs that have ended now: it is ready when nothing else is open, and dead when what it needed failed.</summary>
    private void End(SqliteSession session, List<(Guid Id, bool Succeeded)> ended)
    {
        while (ended.Count > 0)
        {
            var waiting = new List<(Guid Id, bool Failed)>();
            foreach (var (id, succeeded) in ended)
            {
                using var reader = session
                    .Command(
                        $"""
                        delete from {_dependencies} where after_id = ?1 and (on_success = 0 or ?2 or not exists (select 1 from {_jobs} x where x.id = ?1 and x.state = 4))
                        returning job_id, on_success and not ?2
                        """
                    )
                    .Bind(1, id)
                    .Bind(2, succeeded)
                    .ExecuteReader();
                while (reader.Read())
                {
                    waiting.Add((reader.GetGuidBlob(0), reader.GetBoolean(1)));
                }
            }

            // The dead first: what else they waited for may have succeeded at the same time.
            ended = [];
            foreach (var (id, failed) in waiting)
            {
                if (failed && Bury(session, id))
                {
                    ended.Add((id, false));
                }
            }

            foreach (var (id, failed) in waiting)
            {
                if (!failed)
                {
                    session
                        .Command(
                            $"update {_jobs} set state = 0 where id = ?1 and state = 3 and not exists (select 1 from {_dependencies} d where d.job_id = ?1)"
                        )
                        .Bind(1, id)
                        .ExecuteNonQuery();
                }
            }
        }
    }

    private bool Bury(SqliteSession session, Guid id) =>
        session
            .Command(
                $"update {_jobs} set state = 4, error_message = 'A job that it waits for did not succeed.' where id = ?1 and state = 3"
            )
            .Bind(1, id)
            .ExecuteNonQuery() > 0;

    public async ValueTask ReleaseAsync(IReadOnlyList<ClaimedJob> jobs, CancellationToken cancellationToken) =>
        await _database
            .WriteAsync(
                (Store: this, Jobs: jobs),
                static (session, s, _) =>
                {
                    s.Store.Release(session, s.Jobs);
                    return new ValueTask<bool>(true);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public async ValueTask ReleaseAfterAsync(long node, long claim, CancellationToken cancellationToken) =>
        await _database
            .WriteAsync(
                (Store: this, Node: node, Claim: claim),
                static (session, s, _) =>
                    new ValueTask<int>(
                        session
                            .Command($"update {s.Store._jobs} set state = 0, node = null where node = ?1 and state = 1 and claim > ?2")
                            .Bind(1, s.Node)
                            .Bind(2, s.Claim)
                            .ExecuteNonQuery()
                    ),
                cancellationToken
            )
            .ConfigureAwait(false);

    private void Release(SqliteSession session, IReadOnlyList<ClaimedJob> jobs)
    {
        var release = session.Command(
            $"update {_jobs} set state = 0, node = null where id = ?1 and claim = ?2 and state = 1 returning cancel_requested"
        );
        foreach (var job in jobs)
        {
            if (release.Bind(1, job.Id).Bind(2, job.Claim).ExecuteScalar() is 1L)
            {
                // Given back before it was told: the wish holds.
                CancelUnclaimed(session, job.Id);
            }
        }
    }
}
