using Autom8.Scheduling;
using Autom8.Scheduling.Tasks;

namespace Autom8.Hosting;

/// <summary>The scheduler as it is, but that each write ends by forgetting what <see cref="TaskReader"/> has read. Also a write that failed does: a connection may break after the commit.</summary>
internal sealed class ForgettingScheduler(IScheduler scheduler, TaskReadCache cache) : IScheduler
{
    public IReadOnlyList<string> Jobs => scheduler.Jobs;

    public ValueTask<ScheduledTask> CreateAsync(
        TaskDefinition definition,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => ForgettingAsync(() => scheduler.CreateAsync(definition, origin, cancellationToken));

    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken = default) =>
        scheduler.FindAsync(id, cancellationToken);

    public ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        scheduler.FindAsync(name, cancellationToken);

    public ValueTask<TaskPage> ListAsync(string? after = null, int limit = 50, CancellationToken cancellationToken = default) =>
        scheduler.ListAsync(after, limit, cancellationToken);

    public ValueTask<ScheduledTask> UpdateAsync(
        Guid id,
        TaskDefinition definition,
        long expectedVersion,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => ForgettingAsync(() => scheduler.UpdateAsync(id, definition, expectedVersion, origin, cancellationToken));

    public ValueTask<ScheduledTask> PauseAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        string? reason = null,
        CancellationToken cancellationToken = default
    ) => ForgettingAsync(() => scheduler.PauseAsync(id, expectedVersion, origin, reason, cancellationToken));

    public ValueTask<ScheduledTask> ResumeAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => ForgettingAsync(() => scheduler.ResumeAsync(id, expectedVersion, origin, cancellationToken));

    public ValueTask DeleteAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => ForgettingAsync(() => scheduler.DeleteAsync(id, expectedVersion, origin, cancellationToken));

    public ValueTask TriggerAsync(Guid id, ChangeOrigin origin = default, CancellationToken cancellationToken = default) =>
        ForgettingAsync(() => scheduler.TriggerAsync(id, origin, cancellationToken));

    public ValueTask<int> BackfillAsync(
        Guid id,
        DateTimeOffset from,
        DateTimeOffset until,
        int limit = 1_000,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => ForgettingAsync(() => scheduler.BackfillAsync(id, from, until, limit, origin, cancellationToken));

    public ValueTask<ExecutionPage> ListExecutionsAsync(
        Guid taskId,
        long? before = null,
        int limit = 50,
        CancellationToken cancellationToken = default
    ) => scheduler.ListExecutionsAsync(taskId, before, limit, cancellationToken);

    private async ValueTask ForgettingAsync(Func<ValueTask> write)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        finally
        {
            await cache.ClearAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<T> ForgettingAsync<T>(Func<ValueTask<T>> write)
    {
        try
        {
            return await write().ConfigureAwait(false);
        }
        finally
        {
            await cache.ClearAsync().ConfigureAwait(false);
        }
    }
}
