namespace Autom8.Scheduling.Tasks;

/// <summary>What to run, when, and how: the part of a task that people decide.</summary>
public record TaskDefinition
{
    /// <summary>What the task is called: unique, 1 to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The registered name of the job it runs.</summary>
    public required string Job { get; init; }

    /// <summary>When it runs: a cron expression, see <see cref="Cron.CronSchedule"/>.</summary>
    public required string Schedule { get; init; }

    /// <summary>The IANA time zone the schedule is meant in. Default UTC.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>False while the task is paused. It can be triggered all the same.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>JSON text handed to the job, at most 65,536 characters; null for none. Stored as it is: put nothing personal there.</summary>
    public string? Payload { get; init; }

    /// <summary>What happens to occurrences that were missed. Default once.</summary>
    public MisfirePolicy Misfire { get; init; } = MisfirePolicy.Once;

    /// <summary>After what time a run is cancelled and counts as failed, up to 7 days; null for never.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>What happens when occurrences were missed by more than <see cref="SchedulingOptions.MisfireThreshold"/>, because no process was running or all were busy.</summary>
public enum MisfirePolicy
{
    /// <summary>They are left out; the schedule goes on with the next one.</summary>
    Skip,

    /// <summary>However many were missed, one run makes up for them, at once.</summary>
    Once,
}
