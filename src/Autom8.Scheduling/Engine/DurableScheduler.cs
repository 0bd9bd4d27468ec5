using Autom8.Scheduling.Schedules;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Engine;

/// <summary>Checks requests, has the store write them, and wakes the engine.</summary>
internal sealed class DurableScheduler(
    ISchedulerStore store,
    JobCatalog jobs,
    WakeSignal wake,
    SchedulerNode node,
    IOptions<SchedulingOptions> options
) : IScheduler
{
    private const int MaxPage = 500;
    private const int MaxBackfill = 10_000;

    public IReadOnlyList<string> Jobs { get; } = jobs.Names;

    public async ValueTask<ScheduledTask> CreateAsync(
        TaskDefinition definition,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    )
    {
        var schedule = DefinitionRules.Check(definition, jobs.Names);
        var now = await store.GetUtcNowAsync(cancellationToken).ConfigureAwait(false);
        var task = DefinitionRules.Create(definition, schedule, now);
        if (!await store.InsertAsync(task, origin, cancellationToken).ConfigureAwait(false))
        {
            throw StoreRefusals.NameTaken(task.Name);
        }

        if (task.NextRun is { } next)
        {
            node.Announce(next);
        }

        return task;
    }

    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken = default) =>
        store.FindAsync(id, cancellationToken);

    public ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        store.FindAsync(name, cancellationToken);

    public async ValueTask<TaskPage> ListAsync(string? after = null, int limit = 50, CancellationToken cancellationToken = default)
    {
        CheckLimit(limit);
        var tasks = await store.ListAsync(after, limit + 1, cancellationToken).ConfigureAwait(false);
        return tasks.Count <= limit ? new(tasks, null) : new([.. tasks.Take(limit)], tasks[limit - 1].Name);
    }

    public async ValueTask<ScheduledTask> UpdateAsync(
        Guid id,
        TaskDefinition definition,
        long expectedVersion,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    )
    {
        var schedule = DefinitionRules.Check(definition, jobs.Names);
        return await EditAsync(
                id,
                expectedVersion,
                (current, now) => DefinitionRules.Edit(current, current.With(definition), schedule, now),
                origin,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public ValueTask<ScheduledTask> PauseAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        string? reason = null,
        CancellationToken cancellationToken = default
    )
    {
        DefinitionRules.CheckReason(reason);
        return EditAsync(
            id,
            expectedVersion,
            (current, now) =>
                Enable(current, false, now) is { } edit
                    ? edit with
                    {
                        Task = edit.Task with { PausedBy = origin.Actor, PausedReason = reason },
                    }
                    : null,
            origin,
            cancellationToken
        );
    }

    public ValueTask<ScheduledTask> ResumeAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => EditAsync(id, expectedVersion, static (current, now) => Enable(current, true, now), origin, cancellationToken);

    public async ValueTask DeleteAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    )
    {
        await store.DeleteAsync(id, expectedVersion, origin, cancellationToken).ConfigureAwait(false);
        wake.SetUrgent();
    }

    public async ValueTask TriggerAsync(Guid id, ChangeOrigin origin = default, CancellationToken cancellationToken = default)
    {
        await store
            .TriggerAsync(
                id,
                (task, now) => [TaskJobs.Make(task, now, jobs.Find(task.Job)?.Options, now)],
                once: true,
                origin,
                cancellationToken
            )
            .ConfigureAwait(false);
        Wake();
    }

    public async ValueTask<int> BackfillAsync(
        Guid id,
        DateTimeOffset from,
        DateTimeOffset until,
        int limit = 1_000,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxBackfill);
        var added = await store
            .TriggerAsync(
                id,
                (task, now) =>
                {
                    if (until > now)
                    {
                        throw new SchedulingException(SchedulingError.Invalid, "Only what is past can be filled.", nameof(until));
                    }

                    return
                    [
                        .. Parse(task)
                            .Between(from.AddTicks(-1), until)
                            .Take(limit)
                            .Select(slot => TaskJobs.Make(task, slot, jobs.Find(task.Job)?.Options, now)),
                    ];
                },
                once: false,
                origin,
                cancellationToken
            )
            .ConfigureAwait(false);
        Wake();
        return added;
    }

    public async ValueTask<ExecutionPage> ListExecutionsAsync(
        Guid taskId,
        long? before = null,
        int limit = 50,
        CancellationToken cancellationToken = default
    )
    {
        CheckLimit(limit);
        var executions = await store.ListExecutionsAsync(taskId, null, before, limit + 1, cancellationToken).ConfigureAwait(false);
        return executions.Count <= limit ? new(executions, null) : new([.. executions.Take(limit)], executions[limit - 1].Id);
    }

    /// <summary>Makes the tasks that code and settings declare, or merges what these have changed since.</summary>
    public async ValueTask DeclareAsync(CancellationToken cancellationToken)
    {
        foreach (var (definition, isAuthoritative) in DeclaredTasks.Of(jobs, options.Value))
        {
            var found = await store.FindAsync(definition.Name, cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                var now = await store.GetUtcNowAsync(cancellationToken).ConfigureAwait(false);
                var schedule = Schedule.Parse(definition.Schedule, definition.TimeZone, definition.Name);
                var task = DefinitionRules.Create(definition, schedule, now, TaskDeclaration.Text(definition));
                if (await store.InsertAsync(task, default, cancellationToken).ConfigureAwait(false))
                {
                    continue;
                }

                found = await store.FindAsync(definition.Name, cancellationToken).ConfigureAwait(false); // another node was first
            }
            // Nothing to merge is the common case: no transaction for it.
            if (found is not null && TaskDeclaration.Merge(found, definition, found.UpdatedAt, isAuthoritative) is not null)
            {
                await store
                    .EditAsync(
                        found.Id,
                        null,
                        (current, now) => TaskDeclaration.Merge(current, definition, now, isAuthoritative),
                        default,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
        }
        Wake();
    }

    private async ValueTask<ScheduledTask> EditAsync(
        Guid id,
        long? expectedVersion,
        Func<ScheduledTask, DateTimeOffset, TaskEdit?> edit,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var task = await store.EditAsync(id, expectedVersion, edit, origin, cancellationToken).ConfigureAwait(false);
        node.LookAtSlots();
        wake.SetUrgent(); // what was set ready ahead of its time may be taken back
        return task;
    }

    private void Wake()
    {
        node.LookAtSlots();
        wake.Set();
    }

    private static TaskEdit? Enable(ScheduledTask current, bool enabled, DateTimeOffset now) =>
        DefinitionRules.Edit(current, current with { Enabled = enabled }, Parse(current), now);

    private static Schedule Parse(ScheduledTask task) =>
        Schedule.TryParse(task.Schedule, task.TimeZone, task.Name, out var schedule, out var error)
            ? schedule
            : throw new SchedulingException(SchedulingError.Invalid, error.ToString(), nameof(TaskDefinition.Schedule), error);

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
    }
}
