using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Tasks;

/// <summary>A task that the settings declare, under its name in <see cref="SchedulingOptions.Tasks"/>. What is left out is as the code declares it, where code declares a task of that name, and otherwise the default of <see cref="TaskDefinition"/>.</summary>
public sealed class ConfiguredTask
{
    /// <summary>The registered name of the job it runs; the task's own name when left out.</summary>
    public string? Job { get; set; }

    /// <summary>When it runs: a cron expression, or another text that <see cref="Schedules.Schedule"/> describes.</summary>
    public string? Schedule { get; set; }

    /// <summary>The IANA time zone the schedule is meant in.</summary>
    public string? TimeZone { get; set; }

    /// <summary>False to make it paused.</summary>
    public bool? Enabled { get; set; }

    /// <summary>JSON text handed to the job.</summary>
    public string? Payload { get; set; }

    /// <summary>The queue its runs wait in.</summary>
    public string? Queue { get; set; }

    /// <summary>The priority of its runs.</summary>
    public JobPriority? Priority { get; set; }

    /// <summary>What happens to occurrences that were missed.</summary>
    public MisfirePolicy? Misfire { get; set; }

    /// <summary>With <see cref="MisfirePolicy.All"/>: how many missed occurrences are made up for at most.</summary>
    public int? MisfireLimit { get; set; }

    /// <summary>With <see cref="MisfirePolicy.All"/>: how long ago an occurrence may be and still be made up for.</summary>
    public TimeSpan? MisfireWindow { get; set; }

    /// <summary>What happens when an occurrence is due while <see cref="MaxActive"/> runs are under way.</summary>
    public OverlapPolicy? Overlap { get; set; }

    /// <summary>How many runs of it may be under way at once.</summary>
    public int? MaxActive { get; set; }

    /// <summary>After what time a run is cancelled and counts as failed.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Further attempts at an occurrence whose run failed.</summary>
    public ConfiguredRetry? Retry { get; set; }

    /// <summary>What of the task's fate is told to the alert sinks.</summary>
    public ConfiguredAlerts? Alerts { get; set; }

    /// <summary>Whether the declaration rules: at each start the task is as it is declared, whatever somebody changed or paused.</summary>
    public bool? Authoritative { get; set; }

    internal DeclaredTask Over(string name, DeclaredTask? code)
    {
        var declared =
            code?.Definition
            ?? new TaskDefinition
            {
                Name = name,
                Job = name,
                Schedule = "",
            };
        return new(
            declared with
            {
                Job = Job ?? declared.Job,
                Schedule = Schedule ?? declared.Schedule,
                TimeZone = TimeZone ?? declared.TimeZone,
                Enabled = Enabled ?? declared.Enabled,
                Payload = Payload ?? declared.Payload,
                Queue = Queue ?? declared.Queue,
                Priority = Priority ?? declared.Priority,
                Misfire = Misfire ?? declared.Misfire,
                MisfireLimit = MisfireLimit ?? declared.MisfireLimit,
                MisfireWindow = MisfireWindow ?? declared.MisfireWindow,
                Overlap = Overlap ?? declared.Overlap,
                MaxActive = MaxActive ?? declared.MaxActive,
                Timeout = Timeout ?? declared.Timeout,
                Retry = Retry?.Over(declared.Retry) ?? declared.Retry,
                Alerts = Alerts?.Over(declared.Alerts) ?? declared.Alerts,
            },
            Authoritative ?? code?.IsAuthoritative ?? false
        );
    }
}
