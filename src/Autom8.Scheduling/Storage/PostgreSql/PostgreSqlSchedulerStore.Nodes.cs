using Autom8.Scheduling.Jobs;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <content>
/// Who lives, and what becomes of the work of the dead. A node's lease is the truth; its session lock only tells sooner: the server frees it the moment the process is gone.
/// </content>
internal sealed partial class PostgreSqlSchedulerStore
{
    private readonly SemaphoreSlim _joining = new(1, 1);
    private volatile NodeSession? _session; // written under _joining
    private volatile Action<bool> _signal = static _ => { };
    private long _node; // 0 while this process has not joined
    private volatile bool _hasNeighbours = true;

    public bool ReliesOnLease { get; private set; }

    public TimeSpan RescueInterval => ReliesOnLease ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(100);

    public async ValueTask DisposeAsync()
    {
        await CloseSessionAsync().ConfigureAwait(false);
        _joining.Dispose();
    }

    public async ValueTask<long> JoinAsync(string name, TimeSpan lease, CancellationToken cancellationToken)
    {
        await _joining.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await CloseSessionAsync().ConfigureAwait(false);
            var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            var ids = await Command(connection, $"select nextval('{_nodes}_id')")
                .ReadAsync(static reader => reader.GetInt64(0), cancellationToken)
                .ConfigureAwait(false);
            // The lock before the row: a row without its lock is a dead node to the others.
            _session = await OpenSessionAsync(ids[0], cancellationToken).ConfigureAwait(false);
            await Command(
                    connection,
                    $"insert into {_nodes} (id, name, started_at, lease_until, locked_since) values ($1, $2, now(), {Now} + $3, {(ReliesOnLease ? "null" : LockedSince)})"
                )
                .Bind(ids[0])
                .Bind(name)
                .Bind(lease)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            _node = ids[0];
            return _node;
        }
        finally
        {
            _joining.Release();
        }
    }

    public async ValueTask<HeartbeatResult> BeatAsync(long node, TimeSpan lease, CancellationToken cancellationToken)
    {
        await RestoreSessionAsync(node, cancellationToken).ConfigureAwait(false);
        await RememberLimitsAsync(cancellationToken).ConfigureAwait(false);
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var alive = await Command(connection, $"update {_nodes} set lease_until = {Now} + $2 where id = $1 returning {Now}")
            .Bind(node)
            .Bind(lease)
            .ReadAsync(static reader => reader.GetTimestamp(0), cancellationToken)
            .ConfigureAwait(false);
        if (alive.Count == 0)
        {
            return new(false, await NowAsync(connection, cancellationToken).ConfigureAwait(false), []);
        }

        var cancelled = await Command(
                connection,
                $"""
                with t as (delete from {_told} where node = $1 returning claim)
                select claim from {_jobs} where node = $1 and state = 1 and cancel_requested union all select claim from t
                """
            )
            .Bind(node)
            .ReadAsync(static reader => reader.GetInt64(0), cancellationToken)
            .ConfigureAwait(false);
        return new(true, alive[0], cancelled);
    }

    public async ValueTask ReportAsync(
        long node,
        IReadOnlyList<(long Claim, JobProgress Progress)> progress,
        CancellationToken cancellationToken
    )
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await Command(
                connection,
                $"""
                update {_jobs} j set progress = v.fraction, progress_note = v.note from unnest($2, $3, $4) v(claim, fraction, note)
                where j.node = $1 and j.state = 1 and j.claim = v.claim
                """
            )
            .Bind(node)
            .Bind([.. progress.Select(static p => p.Claim)])
            .Bind([.. progress.Select(static p => p.Progress.Fraction)])
            .Bind([.. progress.Select(static p => p.Progress.Note)])
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask LeaveAsync(long node, CancellationToken cancellationToken)
    {
        await _joining.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await CloseSessionAsync().ConfigureAwait(false);
            _node = 0;
        }
        finally
        {
            _joining.Release();
        }

        // What is still claimed makes the row stay, with a lease that is over: the others give it back.
        await _database
            .WriteAsync(
                (Store: this, Node: node),
                static async (transaction, s, ct) =>
                {
                    var (store, connection) = (s.Store, transaction.Connection!);
                    await Command(connection, $"update {store._nodes} set lease_until = {store.Now} where id = $1")
                        .Bind(s.Node)
                        .RunAsync(ct)
                        .ConfigureAwait(false);
                    return await Command(
                            connection,
                            $"delete from {store._nodes} where id = $1 and not exists (select 1 from {store._jobs} where node = $1 and state = 1)"
                        )
                        .Bind(s.Node)
                        .RunAsync(ct)
                        .ConfigureAwait(false);
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <remarks>
    /// Nobody waits for a lock here: whoever waits in a transaction holds back the cleanup of every table. A lock proves its node's death only when it was taken from the server as it runs now: after a restart
    /// or a failover all locks are gone and nobody is dead.
    /// </remarks>
    public async ValueTask<RescueResult> RescueAsync(RescueRequest request, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var nodes = await Command(connection, $"select n.id, {IsDead} from {_nodes} n")
            .ReadAsync(static reader => (Id: reader.GetInt64(0), Dead: reader.GetBoolean(1)), cancellationToken)
            .ConfigureAwait(false);
        _hasNeighbours = nodes.Any(n => n.Id != _node);
        if (!nodes.Any(static n => n.Dead))
        {
            return RescueResult.Nothing;
        }

        var names = new List<string>();
        var jobs = new List<RescuedJob>();
        foreach (var (id, _) in nodes.Where(n => n.Dead && n.Id != _node))
        {
            var (name, rescued) = await _database
                .WriteAsync(
                    (Store: this, Node: id, Request: request),
                    static (transaction, s, ct) => s.Store.RescueAsync(transaction.Connection!, s.Node, s.Request, ct),
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (name is not null)
            {
                names.Add(name);
                jobs.AddRange(rescued);
            }
        }

        return new(names, jobs);
    }

    private async ValueTask<(string? Name, List<RescuedJob> Jobs)> RescueAsync(
        NpgsqlConnection connection,
        long node,
        RescueRequest request,
        CancellationToken cancellationToken
    )
    {
        // Whoever deletes the row has the node's work; its own renewals find no row from here on.
        var names = await Command(connection, $"delete from {_nodes} n where n.id = $1 and {IsDead} returning n.name")
            .Bind(node)
            .ReadAsync(static reader => reader.GetString(0), cancellationToken)
            .ConfigureAwait(false);
        if (names.Count == 0)
        {
            return (null, []);
        }

        await Command(connection, $"delete from {_told} where node = $1").Bind(node).RunAsync(cancellationToken).ConfigureAwait(false);
        // What was claimed while this waited for the row was claimed after the transaction's time.
        var jobs = await Command(
                connection,
                $"""
                with u as (
                    update {_jobs} j set state = case when j.abandoned + 1 >= $3 or j.job = any($4) then 4 else 0 end, node = null, attempt = j.attempt + 1,
                        abandoned = j.abandoned + 1, error_message = 'Its node died.'
                    where j.node = $1 and j.state = 1
                    returning j.id, j.claim, j.job, j.task_id, j.task_name, coalesce(j.slot, j.due_at) as scheduled_at, greatest(j.claimed_at, j.due_at) as started_at, greatest(j.claimed_at, {Now}) as ended_at,
                        j.attempt - 1 as attempt, j.state, j.cancel_requested),
                h as (
                    insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node)
                    select claim, id, task_id, job, scheduled_at, least(started_at, ended_at), ended_at, 'abandoned', 'Its node died.', attempt, $2 from u)
                select id, job, task_name, task_id, claim, cancel_requested, state from u
                """
            )
            .Bind(node)
            .Bind(names[0])
            .Bind(request.MaxAbandoned)
            .Bind(request.AtMostOnce)
            .ReadAsync(
                static reader => new RescuedJob(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetStringOrNull(2),
                    reader.IsDBNull(3) ? null : reader.GetGuid(3),
                    reader.GetInt64(4),
                    reader.GetBoolean(5) ? AfterRescue.Cancelled
                        : reader.GetInt16(6) == (short)JobState.Ready ? AfterRescue.RunsAgain
                        : AfterRescue.GivenUp
                ),
                cancellationToken
            )
            .ConfigureAwait(false);
        // Its node died before it could end it: the wish holds.
        foreach (var job in jobs.Where(static j => j.Then == AfterRescue.Cancelled))
        {
            await CancelUnclaimedAsync(connection, job.Id, cancellationToken).ConfigureAwait(false);
        }

        var givenUp = jobs.FindAll(static j => j.Then == AfterRescue.GivenUp);
        // A task goes on with its next occurrence: what is given up is not left to stand in its way.
        var ofTasks = givenUp.FindAll(static j => j.TaskId is not null);
        if (ofTasks.Count > 0)
        {
            await Command(connection, $"delete from {_jobs} where id = any($1)")
                .Bind([.. ofTasks.Select(static j => j.Id)])
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            Guid[] tasks = [.. ofTasks.Select(static j => j.TaskId!.Value).Distinct().Order()];
            await Command(
                    connection,
                    $"with l as materialized (select id from {_tasks} where id = any($1) order by id for update) update {_tasks} t set status = 'failed' from l where t.id = l.id"
                )
                .Bind(tasks)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
            await PromoteAsync(connection, tasks, cancellationToken).ConfigureAwait(false);
        }

        await EndAsync(connection, givenUp.ConvertAll(static j => (j.Id, false)), cancellationToken).ConfigureAwait(false);
        await WakeAsync(connection, cancellationToken).ConfigureAwait(false);
        return (names[0], jobs);
    }

    private const string LockedSince = "(select pg_postmaster_start_time())";

    private string IsDead =>
        $"""
            (n.lease_until < {Now} or (n.locked_since is not distinct from pg_postmaster_start_time() and not exists (
                select 1 from pg_locks l where l.locktype = 'advisory' and l.classid = {unchecked(
                (uint)_lockClass
            )} and l.objid = n.id and l.objsubid = 2
                    and l.database = (select oid from pg_database where datname = current_database()) and l.granted)))
            """;

    public async Task ListenAsync(Action<bool> signal, CancellationToken cancellationToken)
    {
        _signal = signal;
        if (ReliesOnLease)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else if (_session is { } session)
        {
            await session.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>After the session broke: the lock is taken again under the same number, if nobody took the node for dead meanwhile.</summary>
    private async ValueTask RestoreSessionAsync(long node, CancellationToken cancellationToken)
    {
        if (ReliesOnLease || _session is { Ended.IsCompleted: false })
        {
            return;
        }

        await _joining.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await CloseSessionAsync().ConfigureAwait(false);
            _session = await OpenSessionAsync(node, cancellationToken).ConfigureAwait(false);
            var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            await Command(connection, $"update {_nodes} set locked_since = {LockedSince} where id = $1")
                .Bind(node)
                .RunAsync(cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _joining.Release();
        }

        // What was told while nobody listened is not told again.
        _signal(true);
    }

    /// <summary>Null where connections are lent out: the lock would be that of whoever has the server's process next, and so would what is listened to.</summary>
    private async ValueTask<NodeSession?> OpenSessionAsync(long node, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (await IsLentAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            ReliesOnLease = true;
            return null;
        }

        return await NodeSession
            .OpenAsync(
                connection,
                FormattableString.Invariant($"select pg_try_advisory_lock({_lockClass}, {node})"),
                $"listen {_channel}",
                payload => _signal(payload == Told),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>PgBouncer and its like answer for the server when a connection begins, with process ids of their own; the process behind it says another.</summary>
    private static async ValueTask<bool> IsLentAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var process = await Command(connection, "select pg_backend_pid()")
                .ReadAsync(static reader => reader.GetInt32(0), cancellationToken)
                .ConfigureAwait(false);
            return process[0] != connection.ProcessID;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask CloseSessionAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }
}
