namespace Autom8.Scheduling.Alerts;

/// <summary>A run that ended, or an occurrence that was left out, as far as alerts need to know. To be reported once.</summary>
public sealed record RunReport
{
    /// <summary>Whose run it was.</summary>
    public required AlertSubject Subject { get; init; }

    /// <summary>The occurrence that was run.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }

    /// <summary>When it began, by the store's clock; null when it never did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, by the store's clock.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>How it ended.</summary>
    public required RunReportOutcome Outcome { get; init; }

    /// <summary>The type of the exception, when there was one.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Its message.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The how-manieth attempt at the occurrence it was, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Whether this was the last word on the occurrence: no retry follows. Default true.</summary>
    public bool IsFinal { get; init; } = true;

    /// <summary>The node that ran it.</summary>
    public string? Node { get; init; }
}

/// <summary>How a run ended.</summary>
public enum RunReportOutcome
{
    /// <summary>The job returned.</summary>
    Succeeded,

    /// <summary>The job threw, took too long, or could not be begun.</summary>
    Failed,

    /// <summary>It was interrupted: neither a success nor a failure.</summary>
    Cancelled,

    /// <summary>Its node died. A failure when nobody tries again.</summary>
    Abandoned,

    /// <summary>The occurrence was left out: neither a success nor a failure.</summary>
    Skipped,
}
