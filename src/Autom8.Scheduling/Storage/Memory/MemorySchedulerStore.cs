using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>Tasks and jobs in this process, for as long as it lives: the definitions. Slots, jobs, claims, nodes, watch states and history are in the other parts.</summary>
/// <remarks>
/// One lock, held for as long as a few rows take; everything that is asked for often is found by an index. A task costs about 200 bytes: names are in the order they are listed in, ids in a set, the next
/// occurrences in a heap for each job, and a definition that tasks share is there once.
/// </remarks>
internal sealed partial class MemorySchedulerStore : ISchedulerStore
{
    /// <summary>How many executions are kept, the newest ones.</summary>
    public const int MaxExecutions = 100_000;

    /// <summary>How many characters of errors, outputs and logs they may have in all.</summary>
    public const long MaxExecutionText = 64L * 1024 * 1024;

    private readonly Lock _lock = new(); // of everything below
    private readonly TimeProvider _time;
    private readonly HashSet<MemoryTask> _tasks = new(new TaskIds());
    private readonly HashSet<MemoryTask>.AlternateLookup<Guid> _taskById;
    private readonly TaskNames _names = new();
    private readonly SharedDefinitions _definitions = new();
    private readonly HashSet<MemoryTask> _watched = [];

    public MemorySchedulerStore(TimeProvider time)
    {
        _time = time;
        _taskById = _tasks.GetAlternateLookup<Guid>();
    }

    private DateTimeOffset Now => _time.GetUtcTimestamp();

    public ValueTask<DateTimeOffset> GetUtcNowAsync(CancellationToken cancellationToken) => new(Now);

    public ValueTask<bool> InsertAsync(ScheduledTask task, ChangeOrigin origin, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var row = new MemoryTask(task.Id, task.Name, _definitions.Take(task))
            {
                CreatedAt = task.CreatedAt.UtcTicks,
                Status = task.Status,
            };
            if (!_names.Add(row))
            {
                _definitions.Release(row.Definition);
                return new(false);
            }

            row.Write(task);
            _tasks.Add(row);
            Index(row);
        }

        return new(true);
    }

    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(_taskById.TryGetValue(id, out var task) ? Read(task, Now) : null);
        }
    }

    public ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(_names.Find(name) is { } task ? Read(task, Now) : null);
        }
    }

    public ValueTask<IReadOnlyList<ScheduledTask>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = Now;
            return new([.. _names.After(after).Take(limit).Select(task => Read(task, now))]);
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
            var row = Find(id);
            var current = StoreRefusals.Checked(row is null ? null : Read(row, now), id, expectedVersion);
            if (edit(current, now) is not { } change)
            {
                return new(current);
            }

            after = change.Task with { Version = current.Version + 1, UpdatedAt = now };
            if (after.Name != current.Name)
            {
                Rename(row!, after.Name);
            }

            Unindex(row!);
            var before = row!.Definition;
            row.Definition = _definitions.Take(after);
            _definitions.Release(before);
            row.Write(after);
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
            var row = Find(id);
            StoreRefusals.Checked(row is null ? null : Read(row, now), id, expectedVersion);
            Unindex(row!);
            _names.Remove(row!);
            _tasks.Remove(row!);
            _definitions.Release(row!.Definition);
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
            var row = Find(id);
            var task = StoreRefusals.Checked(row is null ? null : Read(row, now), id, null);
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

    private MemoryTask? Find(Guid id) => _taskById.TryGetValue(id, out var task) ? task : null;

    private ScheduledTask Read(MemoryTask task, DateTimeOffset now) =>
        task.Read(_ofTasks.TryGetValue(task.Id, out var jobs) && jobs.IsRunning(now));

    private void Rename(MemoryTask task, string name)
    {
        if (_names.Find(name) is not null)
        {
            throw StoreRefusals.NameTaken(name);
        }

        _names.Remove(task);
        task.Name = name;
        _names.Add(task);
    }

    private void Index(MemoryTask task)
    {
        Schedule(task);
        if (task.Definition.Value.Alerts is not null)
        {
            _watched.Add(task);
        }
    }

    private void Unindex(MemoryTask task)
    {
        Unschedule(task);
        _watched.Remove(task);
    }
}
