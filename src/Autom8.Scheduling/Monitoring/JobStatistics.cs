namespace Autom8.Scheduling.Monitoring;

/// <summary>How the runs that ended in a window went. What still runs is not among them.</summary>
public sealed record JobStatistics
{
    /// <summary>When the window begins: as it was asked for, or later where it holds more runs than are looked at.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it ends: the store's time at which it was asked.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>How many runs returned.</summary>
    public long Succeeded { get; init; }

    /// <summary>How many threw, took too long, or could not be begun; those that were tried again too.</summary>
    public long Failed { get; init; }

    /// <summary>How many ended with their node.</summary>
    public long Abandoned { get; init; }

    /// <summary>How many somebody cancelled or another occurrence replaced.</summary>
    public long Cancelled { get; init; }

    /// <summary>How many were interrupted because their process stopped.</summary>
    public long Interrupted { get; init; }

    /// <summary>How many asked to be run again later.</summary>
    public long Snoozed { get; init; }

    /// <summary>How many runs there were, however they ended.</summary>
    public long Runs => Succeeded + Failed + Abandoned + Cancelled + Interrupted + Snoozed;

    /// <summary>The part of the runs with a result that failed or were abandoned, 0 to 1; null when none has a result. Those that were cancelled, interrupted or snoozed have none.</summary>
    public double? FailureRate => Succeeded + Failed + Abandoned is > 0 and var results ? (double)(Failed + Abandoned) / results : null;

    /// <summary>How long the runs took that succeeded or failed; null when there are none.</summary>
    public RunDurations? Durations { get; init; }

    /// <summary>How long after their time runs began, of first attempts that succeeded or failed; null when there are none. An occurrence that is made up for is as late as it is.</summary>
    public RunLateness? Lateness { get; init; }

    /// <summary>When the last run that succeeded ended; null when none did in the window.</summary>
    public DateTimeOffset? LastSuccess { get; init; }
}

/// <summary>How long runs took. A percentile is the time that at least so many of them did not exceed: one that was measured, not one between two.</summary>
/// <param name="Mean">The arithmetic mean.</param>
/// <param name="P50">The median.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="Max">The longest.</param>
public sealed record RunDurations(TimeSpan Mean, TimeSpan P50, TimeSpan P95, TimeSpan Max);

/// <summary>How late runs began. Percentiles are as in <see cref="RunDurations"/>.</summary>
/// <param name="P50">The median.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="Max">The latest.</param>
public sealed record RunLateness(TimeSpan P50, TimeSpan P95, TimeSpan Max);
