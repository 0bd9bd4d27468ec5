using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The definitions that tasks share, each kept as long as a task has it. Not thread-safe.</summary>
internal sealed class SharedDefinitions : IEqualityComparer<SharedDefinition>, IAlternateEqualityComparer<TaskDefinition, SharedDefinition>
{
    private readonly HashSet<SharedDefinition> _definitions;
    private readonly HashSet<SharedDefinition>.AlternateLookup<TaskDefinition> _lookup;

    public SharedDefinitions()
    {
        _definitions = new(this);
        _lookup = _definitions.GetAlternateLookup<TaskDefinition>();
    }

    public SharedDefinition Take(TaskDefinition task)
    {
        if (!_lookup.TryGetValue(task, out var shared))
        {
            _definitions.Add(shared = Create(task));
        }

        shared.Uses++;
        return shared;
    }

    public void Release(SharedDefinition shared)
    {
        if (--shared.Uses == 0)
        {
            _definitions.Remove(shared);
        }
    }

    public SharedDefinition Create(TaskDefinition alternate) =>
        new(
            new()
            {
                Name = "",
                Job = alternate.Job,
                Schedule = alternate.Schedule,
                TimeZone = alternate.TimeZone,
                Enabled = alternate.Enabled,
                Queue = alternate.Queue,
                Priority = alternate.Priority,
                Misfire = alternate.Misfire,
                MisfireLimit = alternate.MisfireLimit,
                MisfireWindow = alternate.MisfireWindow,
                Overlap = alternate.Overlap,
                MaxActive = alternate.MaxActive,
                Timeout = alternate.Timeout,
                Retry = alternate.Retry,
                Alerts = alternate.Alerts,
            }
        );

    public bool Equals(TaskDefinition alternate, SharedDefinition other) => IsLike(other.Value, alternate);

    public bool Equals(SharedDefinition? x, SharedDefinition? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && IsLike(x.Value, y.Value));

    // What differs most often; the rest is compared.
    public int GetHashCode(TaskDefinition alternate) =>
        HashCode.Combine(alternate.Job, alternate.Schedule, alternate.TimeZone, alternate.Enabled);

    public int GetHashCode(SharedDefinition obj) => GetHashCode(obj.Value);

    private static bool IsLike(TaskDefinition shared, TaskDefinition task) =>
        shared.Job == task.Job
        && shared.Schedule == task.Schedule
        && shared.TimeZone == task.TimeZone
        && shared.Enabled == task.Enabled
        && shared.Queue == task.Queue
        && shared.Priority == task.Priority
        && shared.Misfire == task.Misfire
        && shared.MisfireLimit == task.MisfireLimit
        && shared.MisfireWindow == task.MisfireWindow
        && shared.Overlap == task.Overlap
        && shared.MaxActive == task.MaxActive
        && shared.Timeout == task.Timeout
        && shared.Retry == task.Retry
        && shared.Alerts == task.Alerts;
}
