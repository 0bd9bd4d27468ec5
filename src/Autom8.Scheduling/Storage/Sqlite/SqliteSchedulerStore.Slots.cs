using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Scheduling.Storage.Sqlite;

/// <content>Occurrences of tasks become jobs.</content>
internal sealed partial class SqliteSchedulerStore
{
    private string NextSlotSql =>
        field ??= $"select next_run, job from {_tasks} where enabled = 1 and next_run is not null order by next_run";

    /// <summary>A slot whose job was taken back, and that nobody has let go of yet, keeps that job.</summary>
    private string SetReadySql =>
        field ??= $"{InsertSql} on conflict (task_id, slot) where task_id is not null do update set cancel_requested = 0";

    private const string Dropped = "returning id, has_dependents, claim, node";

    private string DropSql => field ??= $"delete from {_jobs} where task_id = ?1";

    public ValueTask<IReadOnlyList<SlotStep>> MaterializeAsync(SlotRequest request, CancellationToken cancellationToken)
    {
        var next = _database.Read((Store: this, Request: request), static (session, s) => s.Store.NextSlot(session, Known(s.Request.Jobs)));
        return next is null || next > Now + request.Ahead
            ? new([])
            : _database.WriteAsync(
                (Store: this, Request: request),
                static (session, s, _) => new ValueTask<IReadOnlyList<SlotStep>>(s.Store.Materialize(session, s.Request)),
                cancellationToken
            );
    }

    private List<SlotStep> Materialize(SqliteSession session, SlotRequest request)
    {
        var now = Now;
        var steps = Decide(session, request, now);
        if (steps.Count == 0)
        {
            return steps;
        }

        var move = session.Command($"update {_tasks} set next_run = ?2, status = case when ?3 then 'failed' else status end where id = ?1");
        foreach (var step in steps)
        {
            move.Bind(1, step.Task.Id).Bind(2, step.NextRun).Bind(3, step.Fault is not null).ExecuteNonQuery();
        }

        var jobs = new List<NewJob>();
        foreach (var step in steps)
        {
            switch (step.Kind)
            {
                case SlotKind.Fault:
                    Fault(session, step, request.Node, now);
                    continue;
                case SlotKind.Replace:
                    Replace(session, step.Task.Id, now);
                    break;
            }

            foreach (var slot in step.Slots)
            {
                jobs.Add(request.Make(step.Task, slot));
            }
        }

        var add = session.Command(SetReadySql);
        foreach (var job in jobs)
        {
            Bind(add, job, JobState.Ready, now).ExecuteNonQuery();
        }

        return steps;
    }

    /// <summary>Goes on past tasks that nobody can decide on yet, however many: they do not stand before the others.</summary>
    private List<SlotStep> Decide(SqliteSession session, SlotRequest request, DateTimeOffset now)
    {
        var known = Known(request.Jobs);
        var steps = new List<SlotStep>();
        using var reader = session
            .Command(
                $"""
                select {TaskColumns}, (select count(*) from {_jobs} j where j.task_id = t.id and j.state < 4 and j.slot is not t.next_run)
                from {_tasks} t where t.enabled = 1 and t.next_run is not null and t.next_run <= ?2 order by t.next_run
                """
            )
            .Bind(1, now)
            .Bind(2, now + request.Ahead)
            .ExecuteReader();
        while (steps.Count < request.Limit && reader.Read())
        {
            if (known.Contains(reader.GetString(2)) && request.Decide(new(ReadTask(reader), reader.GetInt32(18)), now) is { } step)
            {
                steps.Add(step);
            }
        }

        return steps;
    }

    private void Fault(SqliteSession session, SlotStep step, string node, DateTimeOffset now) =>
        session
            .Command(
                $"""
                insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node)
                values (?1, ?2, ?3, ?4, ?5, ?6, ?6, 'failed', ?7, 1, ?8)
                """
            )
            .Bind(1, NextClaim(session))
            .Bind(2, Guid.CreateVersion7())
            .Bind(3, step.Task.Id)
            .Bind(4, step.Task.Job)
            .Bind(5, step.Slots[0])
            .Bind(6, now)
            .Bind(7, step.Fault)
            .Bind(8, node)
            .ExecuteNonQuery();

    /// <summary>What of the task waits is gone, and what runs is fenced: its claim is void from here on.</summary>
    private void Replace(SqliteSession session, Guid taskId, DateTimeOffset now)
    {
        session
            .Command(
                $"""
                insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node)
                select j.claim, j.id, j.task_id, j.job, coalesce(j.slot, j.due_at), max(j.claimed_at, coalesce(j.slot, j.due_at)), ?2, 'cancelled', 'Replaced by a later occurrence.', j.attempt,
                    coalesce((select n.name from {_nodes} n where n.id = j.node), '')
                from {_jobs} j where j.task_id = ?1 and j.state = 1
                """
            )
            .Bind(1, taskId)
            .Bind(2, now)
            .ExecuteNonQuery();
        Drop(session, session.Command($"{DropSql} and state < 4 {Dropped}").Bind(1, taskId));
    }

    /// <summary>Occurrences that became jobs ahead of their time go when the schedule is changed or paused: those that nobody has at once, the others by way of their node.</summary>
    private void TakeBack(SqliteSession session, Guid taskId, DateTimeOffset now)
    {
        Drop(
            session,
            session
                .Command($"{DropSql} and slot is not null and state in (0, 2) and attempt = 1 and due_at > ?2 {Dropped}")
                .Bind(1, taskId)
                .Bind(2, now)
        );
        session
            .Command($"update {_jobs} set cancel_requested = 1 where task_id = ?1 and state = 1 and due_at > ?2")
            .Bind(1, taskId)
            .Bind(2, now)
            .ExecuteNonQuery();
    }

    /// <summary>Deletes jobs of a task: their nodes are told, and what waits for them ends as after a cancellation.</summary>
    private void Drop(SqliteSession session, SqliteCommand drop)
    {
        var ended = new List<(Guid, bool)>();
        using (var reader = drop.ExecuteReader())
        {
            while (reader.Read())
            {
                if (reader.GetBoolean(1))
                {
                    ended.Add((reader.GetGuidBlob(0), false));
                }

                if (!reader.IsDBNull(3))
                {
                    _told.Enqueue((reader.GetInt64(3), reader.GetInt64(2)));
                }
            }
        }

        End(session, ended);
    }

    private bool HasOneToCome(SqliteSession session, Guid taskId, DateTimeOffset now) =>
        session
            .Command($"select 1 from {_jobs} where task_id = ?1 and state in (0, 2) and attempt = 1 and due_at <= ?2 limit 1")
            .Bind(1, taskId)
            .Bind(2, now)
            .ExecuteScalar()
            is not null;

    private DateTimeOffset? NextSlot(SqliteSession session, HashSet<string> known)
    {
        using var reader = session.Command(NextSlotSql).ExecuteReader();
        while (reader.Read())
        {
            if (known.Contains(reader.GetString(1)))
            {
                return reader.GetTimestamp(0);
            }
        }

        return null;
    }
}
