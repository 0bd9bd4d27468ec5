namespace Autom8.Scheduling.Alerts;

/// <summary>Something about a task that people should know: a problem began, goes on, or is over.</summary>
/// <remarks>All texts are single lines without control characters, cut to a length: safe for a log, a mail header or a chat message.</remarks>
public sealed record SchedulerAlert
{
    /// <summary>The longest <see cref="ErrorMessage"/>, in characters.</summary>
    public const int MaxErrorMessageLength = 500;

    private const int MaxNameLength = 200;

    /// <summary>What it is about.</summary>
    public required AlertKind Kind { get; init; }

    /// <summary>What is over, of a <see cref="AlertKind.Recovered"/>; otherwise null.</summary>
    public AlertKind? RecoveredFrom { get; init; }

    /// <summary>The task or job.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Its name.</summary>
    public required string TaskName
    {
        get;
        init => field = AlertText.OneLine(value, MaxNameLength);
    }

    /// <summary>The queue of the job, when it is in one.</summary>
    public string? Queue
    {
        get;
        init => field = value is null ? null : AlertText.OneLine(value, MaxNameLength);
    }

    /// <summary>The occurrence it happened to; null when it is about none.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset HappenedAt { get; init; }

    /// <summary>When the problem began: the first failure, the late occurrence, the last success.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The type of the exception, when there was one.</summary>
    public string? ErrorType
    {
        get;
        init => field = value is null ? null : AlertText.OneLine(value, MaxNameLength);
    }

    /// <summary>The message of the exception, when there was one. It may hold anything: for people who may read the history, not for a log.</summary>
    public string? ErrorMessage
    {
        get;
        init => field = value is null ? null : AlertText.OneLine(value, MaxErrorMessageLength);
    }

    /// <summary>The how-manieth attempt at the occurrence it was; 0 when no run is meant.</summary>
    public int Attempt { get; init; }

    /// <summary>The node that ran it, when one did.</summary>
    public string? Node
    {
        get;
        init => field = value is null ? null : AlertText.OneLine(value, MaxNameLength);
    }

    /// <summary>How many runs have failed in a row, the one that is meant included.</summary>
    public int ConsecutiveFailures { get; init; }

    /// <summary>0 when the problem began, 1 for the first reminder, and so on.</summary>
    public int Reminder { get; init; }

    /// <summary>32 hexadecimal digits that are the same for the same news, whichever node tells it and however often: duplicates are known by it.</summary>
    public string Fingerprint => AlertText.Fingerprint(this);

    /// <summary>The news in one line, without the exception's message.</summary>
    public string Text => AlertText.Describe(this);
}
