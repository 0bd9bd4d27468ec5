using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>Tasks and jobs in this process, for as long as it lives: the definitions. Slots, jobs, claims, nodes, watch states and history are in the other parts.</summary>
/// <remarks>
/// One lock, held for as long as a few rows take; everything that is asked for often is found by an index. A task costs about 150 bytes: ids and names are in indexes, names in the order they are
/// listed in, the next occurrences in a heap for each job, and a definition that tasks share is there once.
/// </remarks>
internal sealed partial class MemorySchedulerStore : ISchedulerStore
{
    /// <summary>How many executions are kept, the newest ones.</summary>
    public const int MaxExecutions = 100_000;

    /// <summary>How many characters of errors, outputs and logs they may have in all.</summary>
    public const long MaxExecutionText = 64L * 1024 * 1024;

    private readonly Lock _lock = new(); // of everything below
    private readonly TimeProvider _time;
    private readonly TaskTable _tasks = new();
    private readonly TaskNames _names;
    private readonly SharedDefinitions _definitions = new();
    private readonly HashSet<int> _watched = [];

    public MemorySchedulerStore(TimeProvider time)
    {
        _time = time;
        _names = new(_tasks);
    }

    private DateTimeOffset Now => _time.GetUtcTimestamp();

    public ValueTask<DateTimeOffset> GetUtcNowAsync(CancellationToken cancellationToken) => new(Now);

    public ValueTask<bool> InsertAsync(ScheduledTask task, ChangeOrigin origin, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var row = _tasks.Add(task, _definitions);
            if (row == TaskTable.None)
            {
                return new(false);
            }

            _names.Add(row);
            Index(row);
        }

        return new(true);
    }

    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(Read(_tasks.Find(id), Now));
        }
    }

    public ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(Read(_tasks.Find(name), Now));
        }
    }

    public ValueTask<IReadOnlyList<ScheduledTask>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = Now;
            return new([.. _names.After(after).Take(limit).Select(row => Read(row, now)!)]);
        }
    }

    public ValueTask<ScheduledTask> EditAsync(
        Guid id,
        long? expectedVersion,
        Func<ScheduledTask, DateTimeOffset, TaskEdit?> edit,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    )
    {
        ScheduledTask after;
        lock (_lock)
        {
            var now = Now;
            var row = _tasks.Find(id);
            var current = StoreRefusals.Checked(Read(row, now), id, expectedVersion);
            if (edit(current, now) is not { } change)
            {
                return new(current);
            }

            after = change.Task with { Version = current.Version + 1, UpdatedAt = now };
            if (after.Name != current.Name)
            {
                Rename(row, after.Name);
            }

            Unindex(row);
            ref var task = ref _tasks[row];
            var before = task.Definition;
            task.Definition = _definitions.Take(after);
            _definitions.Release(before);
            task.Write(after);
            Index(row);
            if (after.NextRun != current.NextRun)
            {
                TakeBack(id, now);
            }
        }

        Tell(urgent: true);
        return new(after);
    }

    public ValueTask DeleteAsync(Guid id, long? expectedVersion, ChangeOrigin origin, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = Now;
            var row = _tasks.Find(id);
            StoreRefusals.Checked(Read(row, now), id, expectedVersion);
            Unindex(row);
            _names.Remove(row);
            _definitions.Release(_tasks[row].Definition);
            _tasks.Remove(row);
            TakeBack(id, now);
            if (_ofTasks.TryGetValue(id, out var jobs))
            {
                RemoveAll(jobs.All.Where(static j => j.State != JobState.Claimed));
            }
        }

        Tell(urgent: true);
        return default;
    }

    public ValueTask<int> TriggerAsync(
        Guid id,
        Func<ScheduledTask, DateTimeOffset, IReadOnlyList<NewJob>> make,
        bool once,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var added = 0;
        lock (_lock)
        {
            var now = Now;
            var task = StoreRefusals.Checked(Read(_tasks.Find(id), now), id, null);
            if (!once || !HasOneToCome(id, now))
            {
                added = AddSlots(make(task, now), JobState.WaitingForTask, now);
                if (_ofTasks.TryGetValue(id, out var jobs))
                {
                    Promote(jobs);
                }
            }
        }

        Tell(urgent: false);
        return new(added);
    }

    private ScheduledTask? Read(int row, DateTimeOffset now)
    {
        if (row == TaskTable.None)
        {
            return null;
        }

        ref var task = ref _tasks[row];
        return task.Read(_tasks.NameOf(row).ToString(), _ofTasks.TryGetValue(task.Id, out var jobs) && jobs.IsRunning(now));
    }

    private void Rename(int row, string name)
    {
        if (_tasks.Find(name) != TaskTable.None)
        {
            throw StoreRefusals.NameTaken(name);
        }

        _names.Remove(row);
        _tasks.Rename(row, name);
        _names.Add(row);
    }

    private void Index(int row)
    {
        Schedule(row);
        if (_tasks[row].Definition.Value.Alerts is not null)
        {
            _watched.Add(row);
        }
    }

    private void Unindex(int row)
    {
        Unschedule(row);
        _watched.Remove(row);
    }
}
