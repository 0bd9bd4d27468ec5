using System.Data.Common;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <content>Claims, completion, release.</content>
internal sealed partial class PostgreSqlSchedulerStore
{
    private static readonly short[] Priorities = [(short)JobPriority.High, (short)JobPriority.Normal, (short)JobPriority.Low];

    public async ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var jobs = new List<ClaimedJob>();
        foreach (var share in request.Shares.Where(IsLimited))
        {
            jobs.AddRange(await ClaimLimitedAsync(request, share, cancellationToken).ConfigureAwait(false));
        }

        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        // One round trip, and one transaction: everybody's claims, and what is next after them.
        var batch = new NpgsqlBatch(connection);
        await using var __ = batch.ConfigureAwait(false);
        foreach (var share in request.Shares)
        {
            if (!IsLimited(share))
            {
                batch.Add(Claim(connection, request, share));
            }
        }

        batch.Add(Next(connection, request));
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        for (var claims = batch.BatchCommands.Count - 1; claims > 0; claims--)
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                jobs.Add(ReadClaimed(reader));
            }

            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        jobs.Sort(static (a, b) => a.Claim.CompareTo(b.Claim));
        var result = new ClaimResult(jobs, reader.GetTimestamp(2), reader.GetTimestampOrNull(0), reader.GetTimestampOrNull(1));
        // The end of the batch is the commit: an error of it is seen by reading on.
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return result;

        bool IsLimited(ClaimShare share) => share.Queues.Intersect(_limited).Any();
    }

    private NpgsqlCommand Claim(NpgsqlConnection connection, ClaimRequest request, ClaimShare share) =>
        Command(
                connection,
                // Only a member claims, and it stays one until the claim is committed: whoever buries a node and gives back what it had finds all of it.
                // A lateral for each pair of priority and queue reads its part of the index in order, and the limit stops before the next one begins. One list of pairs, and a
                // subquery that cannot become a join: of two lists, or with one, the planner would choose the order.
                // Parameters stand in subqueries: a plan for these values then looks no cheaper to the server than the one for all values, which it keeps.
                // Rows are named by arrays of ids, here and elsewhere: after a quiet night the server takes the table for empty, and would join an empty table by reading all of it for each row of the other. So the
                // claims, which rise in the order of the jobs, are found by a binary search.
                // A node claims as long as its row is there, and holds it meanwhile: whoever rescues a node deletes the row first, and then sees all that it ever claimed.
                $"""
                with n as materialized (select id from {_nodes} where id = $6 for key share),
                c as materialized (
                    select j.id, nextval('{_claims}') as claim from n cross join unnest((select $1), (select $2)) v(priority, queue) cross join lateral (
                        select j.id from {_jobs} j
                        where j.state = 0 and j.queue = v.queue and j.priority = v.priority and j.due_at <= {Now} + (select $3) and j.job = any((select $4)::text[])
                        order by j.due_at, j.id limit (select $5) for update skip locked) j
                    where (select x.paused_at from {_queues} x where x.name = v.queue) is null
                    limit (select $5)),
                a as materialized (select array_agg(id order by id) as ids, array_agg(claim order by id) as claims from c)
                update {_jobs} j set state = 1, node = $6, claim = ((select claims from a))[width_bucket(j.id, (select ids from a))], claimed_at = {Now}, debounce_key = null, progress = null, progress_note = null
                where j.id = any((select ids from a)::uuid[])
                returning j.id, j.claim, j.job, j.queue, j.priority, j.due_at, j.task_id, j.task_name, j.slot, j.payload, j.policy, j.attempt, j.abandoned
                """
            )
            .Bind([.. Priorities.SelectMany(p => share.Queues.Select(_ => p))])
            .Bind([.. Priorities.SelectMany(_ => share.Queues)])
            .Bind(request.Ahead)
            .Bind(request.Jobs)
            .Bind(share.Limit)
            .Bind(request.Node);

    private static ClaimedJob ReadClaimed(NpgsqlDataReader reader) =>
        new()
        {
            Id = reader.GetGuid(0),
            Claim = reader.GetInt64(1),
            Job = reader.GetString(2),
            Queue = reader.GetString(3),
            Priority = (JobPriority)reader.GetInt16(4),
            DueAt = reader.GetTimestamp(5),
            TaskId = reader.IsDBNull(6) ? null : reader.GetGuid(6),
            TaskName = reader.GetStringOrNull(7),
            Slot = reader.GetTimestampOrNull(8),
            Payload = reader.GetStringOrNull(9),
            Policy = reader.GetStringOrNull(10),
            Attempt = reader.GetInt32(11),
            Abandoned = reader.GetInt32(12),
        };

    private NpgsqlCommand Next(NpgsqlConnection connection, ClaimRequest request) =>
        !request.AsksNext
            ? Command(connection, $"select null::timestamptz, null::timestamptz, {Clock}")
            // What others have locked counts as due here: they may yet roll back.
            : Command(
                    connection,
                    $"""
                    select
                        (select min(due_at) from unnest((select $1)) q(name) cross join unnest((select $2)) p(priority) cross join lateral
                            (select j.due_at from {_jobs} j where j.state = 0 and j.queue = q.name and j.priority = p.priority and j.job = any((select $3)::text[])
                             order by j.due_at limit 1) d
                         where not exists (select 1 from {_queues} x where x.name = q.name and (x.paused_at is not null
                             or x.max_running <= (select count(*) from {_jobs} j where j.state = 1 and j.queue = q.name)))),
                        (select t.next_run from {_tasks} t where t.enabled and t.next_run is not null and t.job = any((select $3)::text[]) order by t.next_run limit 1),
                        {Clock}
                    """
                )
                .Bind([.. request.Shares.SelectMany(static s => s.Queues)])
                .Bind(Priorities)
                .Bind(request.Jobs);

    public async ValueTask<IReadOnlySet<long>> CompleteAsync(
        IReadOnlyList<JobOutcome> outcomes,
        DbTransaction? transaction,
        Func<WatchedTask, IReadOnlyList<JobOutcome>, string?>? fold,
        CancellationToken cancellationToken
    )
    {
        if (transaction is not null)
        {
            if (transaction is not NpgsqlTransaction { Connection: { } connection })
            {
                throw new ArgumentException("An open PostgreSQL transaction is needed.", nameof(transaction));
            }

            return await CompleteAsync(connection, outcomes, fold, cancellationToken).ConfigureAwait(false);
        }

        return await _database
            .WriteAsync(
                (Store: this, Outcomes: outcomes, Fold: fold),
                static (transaction, s, ct) => s.Store.CompleteAsync(transaction.Connection!, s.Outcomes, s.Fold, ct),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlySet<long>> CompleteAsync(
        NpgsqlConnection connection,
        IReadOnlyList<JobOutcome> outcomes,
        Func<WatchedTask, IReadOnlyList<JobOutcome>, string?>? fold,
        CancellationToken cancellationToken
    )
    {
        var recorded = new HashSet<long>(outcomes.Count);
        if (outcomes.Any(static o => o.IsCancellation))
        {
            outcomes = await ReconsiderAsync(connection, outcomes, recorded, cancellationToken).ConfigureAwait(false);
        }

        var finished = outcomes.Where(static o => o.Then == JobDisposition.Finish).ToArray();
        var others = outcomes.Where(static o => o.Then != JobDisposition.Finish).ToArray();
        var ended = new List<(Guid, bool)>();
        var cancelled = new List<Guid>();
        if (finished.Length > 0)
        {
            var rows = await Command(
                    connection,
                    $"""
                    delete from {_jobs} j where j.id = any((select $1)::uuid[]) and j.claim = any((select $2)::bigint[]) and j.{IsClaimed}
                    returning j.claim, j.id, j.has_dependents, j.unique_key is not null
                    """
                )
                .Bind(Array.ConvertAll(finished, static o => o.Job.Id))
                .Bind(Array.ConvertAll(finished, static o => o.Job.Claim))
                .ReadAsync(
                    static reader =>
                        (
                            Claim: reader.GetInt64(0),
                            Id: reader.GetGuid(1),
                            HasDependents: reader.GetBoolean(2),
                            HasKey: reader.GetBoolean(3)
                        ),
                    cancellationToken
                )
                .ConfigureAwait(false);
            recorded.UnionWith(rows.Select(static r => r.Claim));
            if (rows.Any(static r => r.HasDependents))
            {
                var succeeded = finished
                    .Where(static o => o.Status == ExecutionStatus.Succeeded)
                    .Select(static o => o.Job.Claim)
                    .ToHashSet();
                ended.AddRange(rows.Where(static r => r.HasDependents).Select(r => (r.Id, succeeded.Contains(r.Claim))));
            }

            if (rows.Any(static r => r.HasKey))
            {
                // In the order in which enqueues take them.
                await Command(
                        connection,
                        $"""
                        with k as materialized (
                            select unique_key from {_keys} where job_id = any((select $1)::uuid[]) and coalesce(expires_at, '-infinity') <= {Now}
                            order by unique_key collate "C" for update)
                        delete from {_keys} x using k where x.unique_key = k.unique_key
                        """
                    )
                    .Bind([.. rows.Where(static r => r.HasKey).Select(static r => r.Id)])
                    .RunAsync(cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        if (others.Length > 0)
        {
            var rows = await Command(
                    connection,
                    $"""
                    update {_jobs} j set state = o.state, due_at = case when o.state = 0 then {Now} + o.delay else j.due_at end, attempt = j.attempt + o.further,
                        node = null, error_message = o.error
                    from unnest((select $1), (select $2), (select $3), (select $4), (select $5), (select $6)) o(id, claim, state, delay, further, error)
                    where j.id = any((select $1)::uuid[]) and j.id = o.id and j.claim = o.claim and j.{IsClaimed}
                    returning j.claim, j.id, j.state = 4, j.cancel_requested
                    """
                )
                .Bind(Array.ConvertAll(others, static o => o.Job.Id))
                .Bind(Array.ConvertAll(others, static o => o.Job.Claim))
                .Bind(Array.ConvertAll(others, static o => (short)(o.Then == JobDisposition.Bury ? JobState.Dead : JobState.Ready)))
                .Bind(Array.ConvertAll(others, static o => o.Delay))
                .Bind(Array.ConvertAll(others, static o => o.Then == JobDisposition.Retry ? 1 : 0))
                .Bind(Array.ConvertAll(others, static o => o.Error))
                .ReadAsync(
                    static reader =>
                        (Claim: reader.GetInt64(0), Id: reader.GetGuid(1), Dead: reader.GetBoolean(2), IsCancelled: reader.GetBoolean(3)),
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var (claim, id, dead, isCancelled) in rows)
            {
                recorded.Add(claim);
                if (isCancelled)
                {
                    cancelled.Add(id);
                }
                else if (dead)
                {
                    ended.Add((id, false));
                }
            }
        }

        JobOutcome[] known = [.. outcomes.Where(o => recorded.Contains(o.Job.Claim))];
        await RecordAsync(connection, known, cancellationToken).ConfigureAwait(false);
        var ofTasks = Array.FindAll(known, static o => o.Job.TaskId is not null);
        if (ofTasks.Length > 0)
        {
            await UpdateTasksAsync(connection, ofTasks, cancellationToken).ConfigureAwait(false);
            if (fold is not null)
            {
                await FoldAsync(connection, fold, ofTasks, cancellationToken).ConfigureAwait(false);
            }
        }

        if (ended.Count > 0)
        {
            await EndAsync(connection, ended, cancellationToken).ConfigureAwait(false);
        }

        // The run ended otherwise before it was told: the wish holds.
        foreach (var id in cancelled)
        {
            await CancelUnclaimedAsync(connection, id, cancellationToken).ConfigureAwait(false);
        }

        return recorded;
    }

    /// <summary>Of the jobs whose end was asked for, those of which it no longer is go on: back to where they were claimed from, or, where a run was told to stop, to be run again.</summary>
    private async ValueTask<IReadOnlyList<JobOutcome>> ReconsiderAsync(
        NpgsqlConnection connection,
        IReadOnlyList<JobOutcome> outcomes,
        HashSet<long> recorded,
        CancellationToken cancellationToken
    )
    {
        // The rows are locked: nobody asks, or undoes it, before all of this is recorded.
        var asked = await Command(
                connection,
                $"select claim, cancel_requested from {_jobs} where id = any((select $1)::uuid[]) and {IsClaimed} order by id for update"
            )
            .Bind([.. outcomes.Where(static o => o.IsCancellation).Select(static o => o.Job.Id)])
            .ReadAsync(static reader => (Claim: reader.GetInt64(0), IsAsked: reader.GetBoolean(1)), cancellationToken)
            .ConfigureAwait(false);
        var goOn = asked.Where(static a => !a.IsAsked).Select(static a => a.Claim).ToHashSet();
        if (goOn.Count == 0)
        {
            return outcomes;
        }

        var given = new List<ClaimedJob>();
        var rest = new List<JobOutcome>(outcomes.Count);
        foreach (var outcome in outcomes)
        {
            if (!outcome.IsCancellation || !goOn.Contains(outcome.Job.Claim))
            {
                rest.Add(outcome);
            }
            else if (outcome.HasBegun)
            {
                rest.Add(outcome.Interrupted());
            }
            else
            {
                given.Add(outcome.Job);
                recorded.Add(outcome.Job.Claim);
            }
        }

        await ReleaseAsync(connection, given, cancellationToken).ConfigureAwait(false);
        return rest;
    }

    /// <summary>The runs become history.</summary>
    private async ValueTask RecordAsync(NpgsqlConnection connection, JobOutcome[] outcomes, CancellationToken cancellationToken)
    {
        if (outcomes.Length > 0)
        {
            await Command(
                    connection,
                    $"""
                    insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node, output, log)
                    select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                    """
                )
                .Bind(Array.ConvertAll(outcomes, static o => o.Job.Claim))
                .Bind(Array.ConvertAll(outcomes, static o => o.Job.Id))
                .Bind(Array.ConvertAll(outcomes, static o => o.Job.TaskId))
                .Bind(Array.ConvertAll(outcomes, static o => o.Job.Job))
                .Bind(Array.ConvertAll(outcomes, static o => o.Job.Slot ?? o.Job.DueAt))
                .Bind(Array.ConvertAll(outcomes, static o => o.StartedAt))
                .Bind(Array.ConvertAll(outcomes, static o => o.CompletedAt))
                .Bind(Array.ConvertAll(outcomes, static o => o.Status.Text()))
                .Bind(Array.ConvertAll(outcomes, static o => o.Error))
                .Bind(Array.ConvertAll(outcomes, static o => o.Job.Attempt))
                .Bind(Array.ConvertAll(outcomes, static o => o.Node))
                .Bind(Array.ConvertAll(outcomes, static o => o.Output))
                .Bind(Array.ConvertAll(outcomes, static o => o.Log))
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>How the tasks fare, and the next run of those that wait for their turn. The rows are locked in one order on every node.</summary>
    private async ValueTask UpdateTasksAsync(NpgsqlConnection connection, JobOutcome[] outcomes, CancellationToken cancellationToken)
    {
        var last = outcomes.GroupBy(static o => o.Job.TaskId!.Value).Select(static g => g.MaxBy(static o => o.Job.Claim)!).ToArray();
        Guid[] ids = [.. last.Select(static o => o.Job.TaskId!.Value)];
        await Command(
                connection,
                $"""
                with l as materialized (select t.id from {_tasks} t where t.id = any((select $1)::uuid[]) order by t.id for update)
                update {_tasks} t set last_run = greatest(t.last_run, v.started_at), status = coalesce(v.status, t.status)
                from unnest((select $1), (select $2), (select $3)) v(id, started_at, status) where t.id = any(array(select id from l)) and t.id = v.id
                """
            )
            .Bind(ids)
            .Bind(Array.ConvertAll(last, static o => o.StartedAt))
            .Bind(Array.ConvertAll(last, StoredText.TaskStatusAfter))
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        await PromoteAsync(connection, ids, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<int> PromoteAsync(CancellationToken cancellationToken) =>
        _database.WriteAsync(
            this,
            static async (transaction, store, ct) =>
            {
                var connection = transaction.Connection!;
                var tasks = await Command(
                        connection,
                        $"""
                        select t.id from {store._tasks} t where t.id in (select task_id from {store._jobs} where state = 2) order by t.id for update skip locked
                        """
                    )
                    .ReadAsync(static reader => reader.GetGuid(0), ct)
                    .ConfigureAwait(false);
                return tasks.Count == 0 ? 0 : await store.PromoteAsync(connection, [.. tasks], ct).ConfigureAwait(false);
            },
            cancellationToken
        );

    /// <summary>The caller holds the rows of the tasks: nobody else counts at the same time.</summary>
    private async ValueTask<int> PromoteAsync(NpgsqlConnection connection, Guid[] tasks, CancellationToken cancellationToken) =>
        await Command(
                connection,
                $"""
                update {_jobs} set state = 0 where state = 2 and id in (
                    select w.id from (
                        select j.id, j.max_active - row_number() over (partition by j.task_id order by j.due_at, j.id) as room,
                            (select count(*) from {_jobs} a where a.task_id = j.task_id and a.state < 2) as active
                        from {_jobs} j where j.state = 2 and j.task_id = any((select $1)::uuid[])) w
                    where w.room - w.active >= 0)
                """
            )
            .Bind(tasks)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);

    /// <summary>What waited for jobs that have ended now: it is ready when nothing else is open, and dead when what it needed failed.</summary>
    private async ValueTask EndAsync(
        NpgsqlConnection connection,
        List<(Guid Id, bool Succeeded)> ended,
        CancellationToken cancellationToken
    )
    {
        while (ended.Count > 0)
        {
            var waiting = await Command(
                    connection,
                    $"""
                    delete from {_dependencies} d using unnest((select $1), (select $2)) e(id, succeeded), {_jobs} j
                    where d.after_id = e.id and j.id = d.job_id and (not d.on_success or e.succeeded or not exists (select 1 from {_jobs} x where x.id = e.id and x.state = 4))
                    returning d.job_id, d.on_success and not e.succeeded
                    """
                )
                .Bind([.. ended.Select(static e => e.Id)])
                .Bind([.. ended.Select(static e => e.Succeeded)])
                .ReadAsync(static reader => (Id: reader.GetGuid(0), Failed: reader.GetBoolean(1)), cancellationToken)
                .ConfigureAwait(false);
            if (waiting.Count == 0)
            {
                return;
            }

            // The dead first: what else they waited for may have succeeded at the same time.
            var dead = await Command(
                    connection,
                    $"update {_jobs} set state = 4, error_message = 'A job that it waits for did not succeed.' where id = any((select $1)::uuid[]) and state + 0 = 3 returning id"
                )
                .Bind([.. waiting.Where(static w => w.Failed).Select(static w => w.Id)])
                .ReadAsync(static reader => (reader.GetGuid(0), false), cancellationToken)
                .ConfigureAwait(false);
            await Command(
                    connection,
                    $"""
                    update {_jobs} j set state = 0 where j.id = any((select $1)::uuid[]) and j.state + 0 = 3 and not exists (select 1 from {_dependencies} d where d.job_id = j.id)
                    """
                )
                .Bind([.. waiting.Where(static w => !w.Failed).Select(static w => w.Id)])
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            await WakeAsync(connection, cancellationToken).ConfigureAwait(false);
            ended = dead;
        }
    }

    public async ValueTask ReleaseAsync(IReadOnlyList<ClaimedJob> jobs, CancellationToken cancellationToken)
    {
        List<Guid> cancelled;
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            cancelled = await ReleaseAsync(connection, jobs, cancellationToken).ConfigureAwait(false);
        }

        // Given back before it was told: the wish holds.
        foreach (var id in cancelled)
        {
            await CancelAsync(id, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask ReleaseAfterAsync(long node, long claim, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await Command(
                connection,
                $"""
                with r as (update {_jobs} set state = 0, node = null where node = $1 and state = 1 and claim > $2 returning 1)
                select pg_notify('{_channel}', '') where exists (select 1 from r)
                """
            )
            .Bind(node)
            .Bind(claim)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    /// <returns>Those whose end is asked for.</returns>
    private async ValueTask<List<Guid>> ReleaseAsync(
        NpgsqlConnection connection,
        IReadOnlyList<ClaimedJob> jobs,
        CancellationToken cancellationToken
    )
    {
        var released = await Command(
                connection,
                $"""
                with r as (
                    update {_jobs} j set state = 0, node = null where j.id = any((select $1)::uuid[]) and j.claim = any((select $2)::bigint[]) and j.{IsClaimed}
                    returning j.id, j.cancel_requested)
                select id, cancel_requested, pg_notify('{_channel}', '') from r
                """
            )
            .Bind([.. jobs.Select(static j => j.Id)])
            .Bind([.. jobs.Select(static j => j.Claim)])
            .ReadAsync(static reader => (Id: reader.GetGuid(0), IsCancelled: reader.GetBoolean(1)), cancellationToken)
            .ConfigureAwait(false);
        return [.. released.Where(static r => r.IsCancelled).Select(static r => r.Id)];
    }
}
