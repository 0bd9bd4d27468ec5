using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Tasks;

/// <summary>What to run, when, and how: the part of a task that people decide.</summary>
public record TaskDefinition
{
    /// <summary>What the task is called: unique, 1 to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>The registered name of the job it runs.</summary>
    public required string Job { get; init; }

    /// <summary>When it runs: a cron expression, or another text that <see cref="Schedules.Schedule"/> describes. <c>H</c> and jitter are picked by the task's name.</summary>
    public required string Schedule { get; init; }

    /// <summary>The IANA time zone the schedule is meant in. Default UTC.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>False while the task is paused. It can be triggered all the same.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>JSON text handed to the job, at most 65,536 characters; null for none. Stored as it is: put nothing personal there.</summary>
    public string? Payload { get; init; }

    /// <summary>The queue its runs wait in; null for that of the job.</summary>
    public string? Queue { get; init; }

    /// <summary>The priority of its runs; null for that of the job.</summary>
    public JobPriority? Priority { get; init; }

    /// <summary>What happens to occurrences that were missed. Default once.</summary>
    public MisfirePolicy Misfire { get; init; } = MisfirePolicy.Once;

    /// <summary>With <see cref="MisfirePolicy.All"/>: how many missed occurrences are made up for at most, the latest ones; 1 to 10,000. Default 100.</summary>
    public int MisfireLimit { get; init; } = 100;

    /// <summary>With <see cref="MisfirePolicy.All"/>: how long ago an occurrence may be and still be made up for, up to 366 days. Default one day.</summary>
    public TimeSpan MisfireWindow { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What happens when an occurrence is due while <see cref="MaxActive"/> runs of the task are under way, on whatever node. Default skip.</summary>
    public OverlapPolicy Overlap { get; init; }

    /// <summary>How many runs of the task may be under way at once, 1 to 1,000. Default 1.</summary>
    public int MaxActive { get; init; } = 1;

    /// <summary>After what time a run is cancelled and counts as failed, up to 7 days; null for that of the job.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Further attempts at an occurrence whose run failed; null for those of the job.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>What of the task's fate is told to the alert sinks; null for <see cref="AlertOptions.DefaultPolicy"/>. Only that of a task's own is looked at between runs: for a success that is missing, a start that is late.</summary>
    public AlertPolicy? Alerts { get; init; }
}

/// <summary>What happens when occurrences were missed by more than <see cref="SchedulingOptions.MisfireThreshold"/>, because no process was running or all were busy.</summary>
public enum MisfirePolicy
{
    /// <summary>They are left out; the schedule goes on with the next one.</summary>
    Skip,

    /// <summary>However many were missed, one run makes up for them, at once.</summary>
    Once,

    /// <summary>Each is made up for, the oldest first, within <see cref="TaskDefinition.MisfireLimit"/> and <see cref="TaskDefinition.MisfireWindow"/>. None of them is left out because another is running.</summary>
    All,
}

/// <summary>What happens when an occurrence is due while as many runs of the task are under way as may be, on whatever node.</summary>
public enum OverlapPolicy
{
    /// <summary>It is left out.</summary>
    Skip,

    /// <summary>It waits for its turn; further ones while it waits are left out.</summary>
    Queue,

    /// <summary>The runs under way are cancelled, and what they still report is refused.</summary>
    Replace,
}
