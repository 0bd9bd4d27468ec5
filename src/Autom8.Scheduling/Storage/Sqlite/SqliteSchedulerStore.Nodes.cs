using System.Collections.Concurrent;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <content>Who lives, and what becomes of the work of the dead. The file belongs to this process: every node but the one that joined last is dead, and needs no lease to be so.</content>
internal sealed partial class SqliteSchedulerStore
{
    // Claims whose rows are gone, and whose runs are to stop: told once. A process that ended has none.
    private readonly ConcurrentQueue<(long Node, long Claim)> _told = new();
    private long _node; // 0 while this process has not joined

    public async ValueTask<long> JoinAsync(string name, TimeSpan lease, CancellationToken cancellationToken)
    {
        var node = await _database
            .WriteAsync(
                (Store: this, Name: name),
                static (session, s, _) =>
                    new ValueTask<long>(
                        (long)
                            session
                                .Command($"insert into {s.Store._nodes} (name, started_at) values (?1, ?2) returning id")
                                .Bind(1, s.Name)
                                .Bind(2, s.Store.Now)
                                .ExecuteScalar()!
                    ),
                cancellationToken
            )
            .ConfigureAwait(false);
        Volatile.Write(ref _node, node);
        return node;
    }

    public ValueTask<HeartbeatResult> BeatAsync(long node, TimeSpan lease, CancellationToken cancellationToken) =>
        new(
            _database.Read(
                (Store: this, Node: node),
                static (session, s) =>
                {
                    var store = s.Store;
                    if (session.Command($"select 1 from {store._nodes} where id = ?1").Bind(1, s.Node).ExecuteScalar() is null)
                    {
                        return new HeartbeatResult(false, store.Now, []);
                    }

                    var cancelled = new List<long>();
                    using var reader = session
                        .Command($"select claim from {store._jobs} where cancel_requested = 1 and state = 1 and node = ?1")
                        .Bind(1, s.Node)
                        .ExecuteReader();
                    while (reader.Read())
                    {
                        cancelled.Add(reader.GetInt64(0));
                    }

                    while (store._told.TryDequeue(out var told))
                    {
                        cancelled.Add(told.Claim);
                    }

                    return new(true, store.Now, cancelled);
                }
            )
        );

    public async ValueTask ReportAsync(
        long node,
        IReadOnlyList<(long Claim, JobProgress Progress)> progress,
        CancellationToken cancellationToken
    ) =>
        await _database
            .WriteAsync(
                (Store: this, Node: node, Progress: progress),
                static (session, s, _) =>
                {
                    var report = session.Command(
                        $"update {s.Store._jobs} set progress = ?3, progress_note = ?4 where claim = ?1 and node = ?2 and state = 1"
                    );
                    foreach (var (claim, said) in s.Progress)
                    {
                        report.Bind(1, claim).Bind(2, s.Node).Bind(3, said.Fraction).Bind(4, said.Note).ExecuteNonQuery();
                    }

                    return new ValueTask<bool>(true);
                },
                cancellationToken
            )
            .ConfigureAwait(false);

    public async ValueTask LeaveAsync(long node, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _node, 0);
        // What is still claimed makes the row stay: it is given back when the file is next used.
        await _database
            .WriteAsync(
                (Store: this, Node: node),
                static (session, s, _) =>
                    new ValueTask<int>(
                        session
                            .Command(
                                $"delete from {s.Store._nodes} where id = ?1 and not exists (select 1 from {s.Store._jobs} where node = ?1 and state = 1)"
                            )
                            .Bind(1, s.Node)
                            .ExecuteNonQuery()
                    ),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public ValueTask<RescueResult> RescueAsync(RescueRequest request, CancellationToken cancellationToken)
    {
        var anyDead = _database.Read(
            (Store: this, Node: Volatile.Read(ref _node)),
            static (session, s) =>
                session.Command($"select 1 from {s.Store._nodes} where id <> ?1 limit 1").Bind(1, s.Node).ExecuteScalar() is not null
        );
        return anyDead
            ? _database.WriteAsync(
                (Store: this, Request: request),
                static (session, s, _) => new ValueTask<RescueResult>(s.Store.Rescue(session, s.Request)),
                cancellationToken
            )
            : new(RescueResult.Nothing);
    }

    private RescueResult Rescue(SqliteSession session, RescueRequest request)
    {
        var now = Now;
        var dead = new List<(long Id, string Name)>();
        using (
            var reader = session
                .Command($"delete from {_nodes} where id <> ?1 returning id, name")
                .Bind(1, Volatile.Read(ref _node))
                .ExecuteReader()
        )
        {
            while (reader.Read())
            {
                dead.Add((reader.GetInt64(0), reader.GetString(1)));
            }
        }

        var rescued = new List<RescuedJob>();
        foreach (var (id, name) in dead)
        {
            Rescue(session, id, name, request, now, rescued);
        }

        return new([.. dead.Select(static d => d.Name)], rescued);
    }

    private void Rescue(SqliteSession session, long node, string name, RescueRequest request, DateTimeOffset now, List<RescuedJob> rescued)
    {
        session
            .Command(
                $"""
                insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node)
                select claim, id, task_id, job, coalesce(slot, due_at), min(max(claimed_at, due_at), ?2), ?2, 'abandoned', 'Its node died.', attempt, ?3
                from {_jobs} where node = ?1 and state = 1
                """
            )
            .Bind(1, node)
            .Bind(2, now)
            .Bind(3, name)
            .ExecuteNonQuery();
        var jobs = new List<RescuedJob>();
        using (
            var reader = session
                .Command(
                    $"select id, job, task_name, task_id, claim, cancel_requested, abandoned from {_jobs} where node = ?1 and state = 1"
                )
                .Bind(1, node)
                .ExecuteReader()
        )
        {
            while (reader.Read())
            {
                var job = reader.GetString(1);
                jobs.Add(
                    new(
                        reader.GetGuidBlob(0),
                        job,
                        reader.GetStringOrNull(2),
                        reader.GetGuidBlobOrNull(3),
                        reader.GetInt64(4),
                        reader.GetBoolean(5) ? AfterRescue.Cancelled
                            : reader.GetInt32(6) + 1 < request.MaxAbandoned && !request.AtMostOnce.Contains(job) ? AfterRescue.RunsAgain
                            : AfterRescue.GivenUp
                    )
                );
            }
        }

        var ended = new List<(Guid, bool)>();
        foreach (var job in jobs)
        {
            GiveBack(session, job);
            if (job.Then == AfterRescue.GivenUp)
            {
                ended.Add((job.Id, false));
            }
        }

        End(session, ended);
        rescued.AddRange(jobs);
    }

    private void GiveBack(SqliteSession session, RescuedJob job)
    {
        // A task goes on with its next occurrence: what is given up is not left to stand in its way.
        if (job is { Then: AfterRescue.GivenUp, TaskId: { } task })
        {
            session.Command($"delete from {_jobs} where id = ?1").Bind(1, job.Id).ExecuteNonQuery();
            session.Command($"update {_tasks} set status = 'failed' where id = ?1").Bind(1, task).ExecuteNonQuery();
            Promote(session, task);
            return;
        }

        session
            .Command(
                $"update {_jobs} set state = ?2, node = null, attempt = attempt + 1, abandoned = abandoned + 1, error_message = 'Its node died.' where id = ?1"
            )
            .Bind(1, job.Id)
            .Bind(2, (long)(job.Then == AfterRescue.GivenUp ? JobState.Dead : JobState.Ready))
            .ExecuteNonQuery();
        if (job.Then == AfterRescue.Cancelled)
        {
            // Its node died before it could end it: the wish holds.
            CancelUnclaimed(session, job.Id);
        }
    }

    public async Task ListenAsync(Action<bool> signal, CancellationToken cancellationToken) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
