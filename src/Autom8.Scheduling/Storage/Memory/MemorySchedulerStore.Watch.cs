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
            foreach (var row in _watched)
            {
                ref var task = ref _tasks[row];
                if (task.Definition.Value.Enabled)
                {
                    WriteState(ref task, look(Watched(row), now, WaitingSince(task.Id, now)));
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

    private WatchedTask Watched(int row)
    {
        ref var task = ref _tasks[row];
        return new(
            task.Id,
            _tasks.NameOf(row).ToString(),
            task.Details?.UpdatedAt ?? new(task.CreatedAt, TimeSpan.Zero),
            task.Definition.Value.Alerts,
            task.Details?.Alerts
        );
    }

    private static void WriteState(ref MemoryTask task, string? state)
    {
        if (state is not null)
        {
            task.Details ??= new() { UpdatedAt = new(task.CreatedAt, TimeSpan.Zero) };
            task.Details.Alerts = state;
        }
    }
}
