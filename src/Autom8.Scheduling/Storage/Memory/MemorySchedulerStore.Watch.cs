using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Storage.Memory;

/// <content>The watch state that alerts keep beside each task.</content>
internal sealed partial class MemorySchedulerStore
{
    public ValueTask WatchAsync(Func<WatchedTask, DateTimeOffset, DateTimeOffset?, string?> look, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = Now;
            foreach (var task in _watched)
            {
                if (task.Definition.Value.Enabled)
                {
                    WriteState(task, look(Watched(task), now, WaitingSince(task.Id, now)));
                }
            }
        }

        return default;
    }

    private DateTimeOffset? WaitingSince(Guid taskId, DateTimeOffset now)
    {
        DateTimeOffset? since = null;
        if (_ofTasks.TryGetValue(taskId, out var jobs))
        {
            foreach (var job in jobs.All)
            {
                if (
                    job is { State: JobState.Ready or JobState.WaitingForTask, Attempt: 1 }
                    && job.DueAt <= now
                    && (since is null || job.DueAt < since)
                )
                {
                    since = job.DueAt;
                }
            }
        }

        return since;
    }

    private static WatchedTask Watched(MemoryTask task) =>
        new(
            task.Id,
            task.Name,
            task.Details?.UpdatedAt ?? new(task.CreatedAt, TimeSpan.Zero),
            task.Definition.Value.Alerts,
            task.Details?.Alerts
        );

    private static void WriteState(MemoryTask task, string? state)
    {
        if (state is not null)
        {
            task.Details ??= new() { UpdatedAt = new(task.CreatedAt, TimeSpan.Zero) };
            task.Details.Alerts = state;
        }
    }
}
