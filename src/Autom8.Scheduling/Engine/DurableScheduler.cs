using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>Checks requests, has the store write them, and wakes the engine.</summary>
internal sealed class DurableScheduler(ITaskStore store, JobCatalog jobs, WakeSignal wake) : IScheduler
{
    private const int MaxPage = 500;

    public IReadOnlyList<string> Jobs => jobs.Names;

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
            throw StoreRefusals.NameTaken(task.Name);
        wake.Set();
        return task;
    }

    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

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
        CancellationToken cancellationToken = default
    ) => EditAsync(id, expectedVersion, static (current, now) => Enable(current, false, now), origin, cancellationToken);

    public ValueTask<ScheduledTask> ResumeAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => EditAsync(id, expectedVersion, static (current, now) => Enable(current, true, now), origin, cancellationToken);

    public ValueTask DeleteAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => store.DeleteAsync(id, expectedVersion, origin, cancellationToken);

    public async ValueTask TriggerAsync(Guid id, ChangeOrigin origin = default, CancellationToken cancellationToken = default)
    {
        await store.TriggerAsync(id, origin, cancellationToken).ConfigureAwait(false);
        wake.Set();
    }

    public async ValueTask<ExecutionPage> ListExecutionsAsync(
        Guid taskId,
        long? before = null,
        int limit = 50,
        CancellationToken cancellationToken = default
    )
    {
        CheckLimit(limit);
        var executions = await store.ListExecutionsAsync(taskId, before, limit + 1, cancellationToken).ConfigureAwait(false);
        return executions.Count <= limit ? new(executions, null) : new([.. executions.Take(limit)], executions[limit - 1].Claim);
    }

    /// <summary>Makes the tasks that code declares, or merges what the code has changed since.</summary>
    public async ValueTask DeclareAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in jobs.Declared)
        {
            var found = await store.FindAsync(definition.Name, cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                var now = await store.GetUtcNowAsync(cancellationToken).ConfigureAwait(false);
                var schedule = CronSchedule.Parse(definition.Schedule, definition.TimeZone);
                var task = DefinitionRules.Create(definition, schedule, now, TaskDeclaration.Text(definition));
                if (await store.InsertAsync(task, default, cancellationToken).ConfigureAwait(false))
                    continue;
                found = await store.FindAsync(definition.Name, cancellationToken).ConfigureAwait(false); // another node was first
            }
            // Nothing to merge is the common case: no transaction for it.
            if (found is not null && TaskDeclaration.Merge(found, definition, found.UpdatedAt) is not null)
            {
                await store
                    .EditAsync(found.Id, null, (current, now) => TaskDeclaration.Merge(current, definition, now), default, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        wake.Set();
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
        wake.Set();
        return task;
    }

    private static TaskEdit? Enable(ScheduledTask current, bool enabled, DateTimeOffset now)
    {
        if (!CronSchedule.TryParse(current.Schedule, current.TimeZone, out var schedule, out var error))
            throw new SchedulingException(SchedulingError.Invalid, error.ToString(), nameof(TaskDefinition.Schedule), error);
        return DefinitionRules.Edit(current, current with { Enabled = enabled }, schedule, now);
    }

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
    }
}
