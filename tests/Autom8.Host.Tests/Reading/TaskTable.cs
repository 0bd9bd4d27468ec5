using Autom8.Scheduling;
using Autom8.Scheduling.Tasks;

namespace Autom8.Host.Tests.Reading;

/// <summary>A scheduler of one task, as the nodes of a test share its table; it counts what it is asked.</summary>
internal sealed class TaskTable : IScheduler
{
    public ScheduledTask? Task { get; set; }

    public IReadOnlyList<TaskExecution> Executions { get; set; } = [];

    public int Reads { get; private set; }

    /// <summary>What the next write throws after it has written.</summary>
    public Exception? Failure { get; set; }

    public IReadOnlyList<string> Jobs => ["job"];

    public ValueTask<ScheduledTask> CreateAsync(
        TaskDefinition definition,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    )
    {
        Task = Some(definition.Name, version: 1);
        return ValueTask.FromResult(Task);
    }

    public ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken = default) =>
        Read(Task?.Id == id ? Task : null);

    public ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        Read(Task?.Name == name ? Task : null);

    public ValueTask<TaskPage> ListAsync(string? after = null, int limit = 50, CancellationToken cancellationToken = default) =>
        Read(new TaskPage(Task is null || string.CompareOrdinal(Task.Name, after) <= 0 ? [] : [Task], limit == 1 ? Task?.Name : null));

    public ValueTask<ScheduledTask> UpdateAsync(
        Guid id,
        TaskDefinition definition,
        long expectedVersion,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => Write(Task! with { Name = definition.Name, Version = expectedVersion + 1 });

    public ValueTask<ScheduledTask> PauseAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        string? reason = null,
        CancellationToken cancellationToken = default
    ) => Write(Task! with { Enabled = false, Version = Task!.Version + 1 });

    public ValueTask<ScheduledTask> ResumeAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => Write(Task! with { Enabled = true, Version = Task!.Version + 1 });

    public ValueTask DeleteAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    )
    {
        Task = null;
        return ValueTask.CompletedTask;
    }

    public ValueTask TriggerAsync(Guid id, ChangeOrigin origin = default, CancellationToken cancellationToken = default)
    {
        Task = Task! with { Status = ScheduledTaskStatus.Running };
        return ValueTask.CompletedTask;
    }

    public ValueTask<int> BackfillAsync(
        Guid id,
        DateTimeOffset from,
        DateTimeOffset until,
        int limit = 1_000,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    ) => ValueTask.FromResult(0);

    public ValueTask<ExecutionPage> ListExecutionsAsync(
        Guid taskId,
        long? before = null,
        int limit = 50,
        CancellationToken cancellationToken = default
    ) => Read(new ExecutionPage(Executions, before is null ? 7 : null));

    public static ScheduledTask Some(string name, long version) =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Name = name,
            Job = "job",
            Schedule = "*/5 * * * *",
            TimeZone = "Europe/Berlin",
            Enabled = true,
            Payload = """{"to":"Zoë"}""",
            Misfire = MisfirePolicy.Skip,
            Timeout = TimeSpan.FromSeconds(1.5),
            Version = version,
            LastRun = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
            NextRun = new DateTimeOffset(2026, 3, 4, 5, 10, 0, TimeSpan.Zero),
            Status = ScheduledTaskStatus.Failed,
            CreatedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, 123, TimeSpan.Zero),
            UpdatedAt = new DateTimeOffset(2026, 1, 2, 0, 0, 0, 456, TimeSpan.Zero),
            Declared = "{}",
        };

    private ValueTask<T> Read<T>(T value)
    {
        Reads++;
        return ValueTask.FromResult(value);
    }

    private ValueTask<ScheduledTask> Write(ScheduledTask task)
    {
        Task = task;
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }

        return ValueTask.FromResult(task);
    }
}
