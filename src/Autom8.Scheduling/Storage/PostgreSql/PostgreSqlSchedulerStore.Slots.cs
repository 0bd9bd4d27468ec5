using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Scheduling.Storage.PostgreSql;

/// <content>Occurrences of tasks become jobs.</content>
internal sealed partial class PostgreSqlSchedulerStore
{
    public ValueTask<IReadOnlyList<SlotStep>> MaterializeAsync(SlotRequest request, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (Store: this, Request: request),
            static (transaction, s, ct) => s.Store.MaterializeAsync(transaction.Connection!, s.Request, ct),
            cancellationToken
        );

    private async ValueTask<IReadOnlyList<SlotStep>> MaterializeAsync(
        NpgsqlConnection connection,
        SlotRequest request,
        CancellationToken cancellationToken
    )
    {
        var steps = new List<SlotStep>();
        List<(ScheduledTask Task, DateTimeOffset Now)> page;
        ScheduledTask? last = null;
        // Page by page: tasks that nobody can decide on yet, however many, do not stand before the others.
        do
        {
            page = await LockDueAsync(connection, request, last, cancellationToken).ConfigureAwait(false);
            var active = await CountActiveAsync(connection, page.ConvertAll(static p => p.Task), cancellationToken).ConfigureAwait(false);
            foreach (var ((task, now), count) in page.Zip(active))
            {
                last = task;
                if (request.Decide(new(task, count), now) is { } step)
                {
                    steps.Add(step);
                }
            }
        } while (page.Count == request.Limit && steps.Count < request.Limit);

        if (steps.Count == 0)
        {
            return steps;
        }

        // The row is locked, and still: a slot exists only by moving the next run on from it.
        await Command(
                connection,
                $"""
                update {_tasks} t set next_run = v.next, status = case when v.fault then 'failed' else t.status end
                from unnest((select $1), (select $2), (select $3), (select $4)) v(id, before, next, fault) where t.id = any((select $1)::uuid[]) and t.id = v.id and t.next_run = v.before
                """
            )
            .Bind([.. steps.Select(s => s.Task.Id)])
            .Bind([.. steps.Select(s => s.Task.NextRun)])
            .Bind([.. steps.Select(s => s.NextRun)])
            .Bind([.. steps.Select(s => s.Fault is not null)])
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        var jobs = new List<NewJob>();
        foreach (var step in steps)
        {
            switch (step.Kind)
            {
                case SlotKind.Fault:
                    await FaultAsync(connection, step, request.Node, cancellationToken).ConfigureAwait(false);
                    break;
                case SlotKind.Replace:
                    await ReplaceAsync(connection, step.Task.Id, cancellationToken).ConfigureAwait(false);
                    break;
            }

            if (step.Kind != SlotKind.Fault)
            {
                jobs.AddRange(step.Slots.Select(slot => request.Make(step.Task, slot)));
            }
        }

        if (jobs.Count > 0)
        {
            // A slot whose job was taken back, and that nobody has let go of yet, keeps that job.
            var add =
                InsertFrom(JobState.Ready)
                + " on conflict (task_id, slot) where task_id is not null do update set cancel_requested = false";
            await Bind(Command(connection, add), jobs).RunAsync(cancellationToken).ConfigureAwait(false);
        }

        return steps;
    }

    /// <summary>The next tasks that are due behind the last one, in the order of an index however many there are; each is this transaction's from here on.</summary>
    private ValueTask<List<(ScheduledTask Task, DateTimeOffset Now)>> LockDueAsync(
        NpgsqlConnection connection,
        SlotRequest request,
        ScheduledTask? last,
        CancellationToken cancellationToken
    ) =>
        Command(
                connection,
                $"""
                select {TaskColumnsWith("t.status")}, {Now} from {_tasks} t
                where t.enabled and t.next_run <= {Now} + (select $1) and t.job = any((select $2)::text[]) and (t.next_run, t.id) > ((select $4), (select $5))
                order by t.next_run, t.id limit (select $3) for update skip locked
                """
            )
            .Bind(request.Ahead)
            .Bind(request.Jobs)
            .Bind(request.Limit)
            .Bind(last?.NextRun ?? DateTimeOffset.UnixEpoch)
            .Bind(last?.Id ?? Guid.Empty)
            .ReadAsync(static reader => (ReadTask(reader), reader.GetTimestamp(18)), cancellationToken);

    /// <summary>How many runs of each task are ready, claimed or waiting, besides that of its next occurrence: asked after the tasks were locked, so that what whoever had them before has made is seen.</summary>
    private async ValueTask<List<int>> CountActiveAsync(
        NpgsqlConnection connection,
        List<ScheduledTask> tasks,
        CancellationToken cancellationToken
    ) =>
        tasks.Count == 0
            ? []
            : await Command(
                    connection,
                    $"""
                    select (select count(*) from {_jobs} j where j.task_id = v.id and j.state < 4 and j.slot is distinct from v.next_run)::integer
                    from unnest((select $1), (select $2)) with ordinality v(id, next_run, place) order by v.place
                    """
                )
                .Bind([.. tasks.Select(static t => t.Id)])
                .Bind([.. tasks.Select(static t => t.NextRun)])
                .ReadAsync(static reader => reader.GetInt32(0), cancellationToken)
                .ConfigureAwait(false);

    private async ValueTask FaultAsync(NpgsqlConnection connection, SlotStep step, string node, CancellationToken cancellationToken) =>
        await Command(
                connection,
                $"""
                insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node)
                values (nextval('{_claims}'), $1, $2, $3, $4, {Now}, {Now}, 'failed', $5, 1, $6)
                """
            )
            .Bind(Guid.CreateVersion7())
            .Bind(step.Task.Id)
            .Bind(step.Task.Job)
            .Bind(step.Slots[0])
            .Bind(step.Fault)
            .Bind(node)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);

    /// <summary>What of the task waits is gone, and what runs is fenced: its claim is void from here on.</summary>
    private async ValueTask ReplaceAsync(NpgsqlConnection connection, Guid taskId, CancellationToken cancellationToken)
    {
        var ended = await Command(
                connection,
                $"""
                with gone as (delete from {_jobs} where task_id = $1 and state < 4
                    returning id, claim, job, task_id, coalesce(slot, due_at) as scheduled_at, claimed_at, attempt, node, state, has_dependents),
                told as (insert into {_told} (node, claim) select g.node, g.claim from gone g where g.state = 1),
                noted as (insert into {_executions} (id, job_id, task_id, job, scheduled_at, started_at, completed_at, status, error_message, attempt, node)
                select g.claim, g.id, g.task_id, g.job, g.scheduled_at, greatest(g.claimed_at, g.scheduled_at), {Now}, 'cancelled', 'Replaced by a later occurrence.', g.attempt,
                    coalesce((select n.name from {_nodes} n where n.id = g.node), '')
                from gone g where g.state = 1)
                select id from gone where has_dependents
                """
            )
            .Bind(taskId)
            .ReadAsync(static reader => (reader.GetGuid(0), false), cancellationToken)
            .ConfigureAwait(false);
        await EndAsync(connection, ended, cancellationToken).ConfigureAwait(false);
        await TellAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Occurrences that became jobs ahead of their time go when the schedule is changed or paused: those that nobody has at once, the others by way of their node.</summary>
    private async ValueTask TakeBackAsync(NpgsqlConnection connection, Guid taskId, CancellationToken cancellationToken)
    {
        await DropAsync(connection, taskId, $"slot is not null and state in (0, 2) and attempt = 1 and due_at > {Now}", cancellationToken)
            .ConfigureAwait(false);
        var told = await Command(
                connection,
                $"update {_jobs} set cancel_requested = true where task_id = $1 and state = 1 and due_at > {Now}"
            )
            .Bind(taskId)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
        if (told > 0)
        {
            await TellAsync(connection, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes jobs of a task that nobody has: what waits for them ends as after a cancellation.</summary>
    private async ValueTask DropAsync(NpgsqlConnection connection, Guid taskId, string which, CancellationToken cancellationToken)
    {
        var ended = await Command(
                connection,
                $"with gone as (delete from {_jobs} where task_id = $1 and {which} returning id, has_dependents) select id from gone where has_dependents"
            )
            .Bind(taskId)
            .ReadAsync(static reader => (reader.GetGuid(0), false), cancellationToken)
            .ConfigureAwait(false);
        await EndAsync(connection, ended, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> HasOneToComeAsync(NpgsqlConnection connection, Guid taskId, CancellationToken cancellationToken) =>
        (
            await Command(
                    connection,
                    $"select 1 from {_jobs} where task_id = $1 and state in (0, 2) and attempt = 1 and due_at <= {Now} limit 1"
                )
                .Bind(taskId)
                .ReadAsync(static _ => true, cancellationToken)
                .ConfigureAwait(false)
        ).Count > 0;

    /// <summary>Adds runs of a task that wait for their turn; <see cref="PromoteAsync(NpgsqlConnection, Guid[], CancellationToken)"/> gives it to them.</summary>
    private ValueTask<int> AddAsync(NpgsqlConnection connection, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken) =>
        AddAsync(connection, jobs, JobState.WaitingForTask, cancellationToken);
}
