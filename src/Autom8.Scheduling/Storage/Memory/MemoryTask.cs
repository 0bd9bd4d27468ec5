using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>A task's row: what all tasks have, in about ninety bytes. Instants are UTC ticks.</summary>
internal struct MemoryTask
{
    public const long Never = long.MaxValue;

    private byte _status;

    public required Guid Id { get; init; }

    /// <summary>Where its name is among the names.</summary>
    public required TextPlace Name { get; set; }

    public required SharedDefinition Definition { get; set; }

    public string? Payload { get; set; }

    /// <summary>What few tasks have.</summary>
    public MemoryTaskDetails? Details { get; set; }

    /// <summary><see cref="Never"/> where there is none.</summary>
    public long NextRun { get; set; }

    /// <summary>Zero before the first.</summary>
    public long LastRun { get; set; }

    public required long CreatedAt { get; init; }

    /// <summary>The place in the heap that the task is in.</summary>
    public int HeapIndex { get; set; }

    public int Version { get; set; }

    public SlotPlace Place { get; set; }

    public ScheduledTaskStatus Status
    {
        readonly get => (ScheduledTaskStatus)_status;
        set => _status = (byte)value;
    }

    public readonly ScheduledTask Read(string name, bool isRunning)
    {
        var shared = Definition.Value;
        return new()
        {
            Id = Id,
            Name = name,
            Job = shared.Job,
            Schedule = shared.Schedule,
            TimeZone = shared.TimeZone,
            Enabled = shared.Enabled,
            Payload = Payload,
            Queue = shared.Queue,
            Priority = shared.Priority,
            Misfire = shared.Misfire,
            MisfireLimit = shared.MisfireLimit,
            MisfireWindow = shared.MisfireWindow,
            Overlap = shared.Overlap,
            MaxActive = shared.MaxActive,
            Timeout = shared.Timeout,
            Retry = shared.Retry,
            Alerts = shared.Alerts,
            Version = Version,
            LastRun = LastRun == 0 ? null : new DateTimeOffset(LastRun, TimeSpan.Zero),
            NextRun = NextRun == Never ? null : new DateTimeOffset(NextRun, TimeSpan.Zero),
            Status = isRunning ? ScheduledTaskStatus.Running : Status,
            CreatedAt = new(CreatedAt, TimeSpan.Zero),
            UpdatedAt = Details?.UpdatedAt ?? new(CreatedAt, TimeSpan.Zero),
            PausedBy = Details?.PausedBy,
            PausedReason = Details?.PausedReason,
            PausedAt = Details?.PausedAt,
            Declared = Details?.Declared,
        };
    }

    /// <summary>Takes over all but the id, the name and the shared.</summary>
    public void Write(ScheduledTask task)
    {
        Payload = task.Payload;
        NextRun = task.NextRun?.UtcTicks ?? Never;
        LastRun = task.LastRun?.UtcTicks ?? 0;
        Version = (int)task.Version;
        var hasDetails =
            Details?.Alerts is not null
            || task.UpdatedAt.UtcTicks != CreatedAt
            || task is not { PausedBy: null, PausedReason: null, PausedAt: null, Declared: null };
        Details = hasDetails
            ? new()
            {
                UpdatedAt = task.UpdatedAt,
                PausedBy = task.PausedBy,
                PausedReason = task.PausedReason,
                PausedAt = task.PausedAt,
                Declared = task.Declared,
                Alerts = Details?.Alerts,
            }
            : null;
    }
}
