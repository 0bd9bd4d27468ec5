using Autom8.Scheduling.Monitoring;

namespace Autom8.AspNetCore;

/// <summary>How the runs that ended in a window went.</summary>
/// <param name="Since">When the window begins: as it was asked for, or later where it holds more than the 100,000 runs that are looked at.</param>
/// <param name="Until">When it ends: now.</param>
/// <param name="Runs">How many runs there were, however they ended.</param>
/// <param name="Succeeded">How many succeeded.</param>
/// <param name="Failed">How many failed; those that were tried again too.</param>
/// <param name="Abandoned">How many ended with their node.</param>
/// <param name="Cancelled">How many somebody cancelled or another occurrence replaced.</param>
/// <param name="Interrupted">How many were interrupted because their process stopped.</param>
/// <param name="Snoozed">How many asked to be run again later.</param>
/// <param name="FailureRate">The part that failed or was abandoned, 0 to 1, of those that succeeded, failed or were abandoned; null when there are none.</param>
/// <param name="Duration">How long the runs took that succeeded or failed.</param>
/// <param name="Lateness">How long after their time runs began, of first attempts that succeeded or failed.</param>
/// <param name="LastSuccess">When the last run that succeeded ended; null when none did in the window.</param>
public sealed record JobStatisticsResponse(
    DateTimeOffset Since,
    DateTimeOffset Until,
    long Runs,
    long Succeeded,
    long Failed,
    long Abandoned,
    long Cancelled,
    long Interrupted,
    long Snoozed,
    double? FailureRate,
    RunDurationResponse? Duration,
    RunLatenessResponse? Lateness,
    DateTimeOffset? LastSuccess
)
{
    internal static JobStatisticsResponse From(JobStatistics of) =>
        new(
            of.Since,
            of.Until,
            of.Runs,
            of.Succeeded,
            of.Failed,
            of.Abandoned,
            of.Cancelled,
            of.Interrupted,
            of.Snoozed,
            of.FailureRate,
            of.Durations is { } time
                ? new(time.Mean.TotalSeconds, time.P50.TotalSeconds, time.P95.TotalSeconds, time.Max.TotalSeconds)
                : null,
            of.Lateness is { } late ? new(late.P50.TotalSeconds, late.P95.TotalSeconds, late.Max.TotalSeconds) : null,
            of.LastSuccess
        );
}

/// <summary>How long runs took.</summary>
/// <param name="MeanSeconds">The arithmetic mean.</param>
/// <param name="P50Seconds">The median: a duration that was measured.</param>
/// <param name="P95Seconds">The 95th percentile, likewise.</param>
/// <param name="MaxSeconds">The longest.</param>
public sealed record RunDurationResponse(double MeanSeconds, double P50Seconds, double P95Seconds, double MaxSeconds);

/// <summary>How late runs began.</summary>
/// <param name="P50Seconds">The median: a lateness that was measured.</param>
/// <param name="P95Seconds">The 95th percentile, likewise.</param>
/// <param name="MaxSeconds">The latest.</param>
public sealed record RunLatenessResponse(double P50Seconds, double P95Seconds, double MaxSeconds);
