namespace Autom8.Scheduling.Storage.Memory;

/// <summary>What a task has once it was changed, paused, declared or watched.</summary>
internal sealed class MemoryTaskDetails
{
    public required DateTimeOffset UpdatedAt { get; init; }

    public string? PausedBy { get; init; }

    public string? PausedReason { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    public string? Declared { get; init; }

    /// <summary>The watch state of its alerts.</summary>
    public string? Alerts { get; set; }
}
