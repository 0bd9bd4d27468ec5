using Autom8.Scheduling;
using Autom8.Scheduling.Tasks;

namespace Autom8.Hosting;

/// <summary>
/// Tasks and their runs for those who only look, such as a dashboard that asks every second: from the cache for half a second, so that any number of them cost the database two reads a second.
/// </summary>
/// <remarks>
/// <para>Thread-safe. A change made through this process's <see cref="IScheduler"/> is seen by the next read here; one made by another node, a run that starts or ends, and a next occurrence within a second.</para>
/// <para>Whoever decides by what he reads asks <see cref="IScheduler"/>, which asks the database.</para>
/// </remarks>
public sealed class TaskReader
{
    // A task's name is no longer; whatever is longer is a key of nothing.
    private const int LongestName = 100;

    private readonly IScheduler _scheduler;
    private readonly TaskReadCache _cache;

    internal TaskReader(IScheduler scheduler, TaskReadCache cache) => (_scheduler, _cache) = (scheduler, cache);

    /// <inheritdoc cref="IScheduler.FindAsync(Guid, CancellationToken)"/>
    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken = default) =>
        _cache.Tasks.GetOrCreateAsync(id, _scheduler, static (id, scheduler, ct) => scheduler.FindAsync(id, ct), cancellationToken);

    /// <inheritdoc cref="IScheduler.ListAsync"/>
    public ValueTask<TaskPage> ListAsync(string? after = null, int limit = 50, CancellationToken cancellationToken = default) =>
        after?.Length > LongestName
            ? _scheduler.ListAsync(after, limit, cancellationToken)
            : _cache.Pages.GetOrCreateAsync(
                after is null ? $"{limit}" : $"{limit}:{after}",
                (_scheduler, after, limit),
                static (_, page, ct) => page._scheduler.ListAsync(page.after, page.limit, ct),
                cancellationToken
            );

    /// <inheritdoc cref="IScheduler.ListExecutionsAsync"/>
    public ValueTask<ExecutionPage> ListExecutionsAsync(
        Guid taskId,
        long? before = null,
        int limit = 50,
        CancellationToken cancellationToken = default
    ) =>
        _cache.Executions.GetOrCreateAsync(
            $"{taskId:N}:{limit}:{before}",
            (_scheduler, taskId, before, limit),
            static (_, page, ct) => page._scheduler.ListExecutionsAsync(page.taskId, page.before, page.limit, ct),
            cancellationToken
        );
}
