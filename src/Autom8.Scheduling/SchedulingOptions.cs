namespace Autom8.Scheduling;

/// <summary>Settings of the scheduler, bound from <c>Autom8:Scheduling</c> and checked at start.</summary>
public sealed class SchedulingOptions
{
    /// <summary>Whether this process runs tasks; false for a node that only manages them. Default true.</summary>
    public bool RunTasks { get; set; } = true;

    /// <summary>How many jobs this process runs at once, 1 to 1,000. Default 8.</summary>
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>How long this process may be unaware of what another node changed, 10 ms to 1 minute. Its own changes wake it at once. Default 1 second.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a run is left to a node that no longer answers, 1 second to 1 hour; renewed three times as often. Default 15 seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long running jobs may go on when the process stops, before they are cancelled; 0 to 1 hour. Default 20 seconds.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How late an occurrence may be and still count as on time, 0 to 1 day; what is later is for the task's <see cref="Tasks.MisfirePolicy"/>. Default 1 minute.</summary>
    public TimeSpan MisfireThreshold { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often one occurrence is begun when nodes die while running it, 1 to 100. Default 3.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>How long finished executions are kept by the <c>cleanup</c> task, 1 minute to 10 years. Default 30 days.</summary>
    public TimeSpan HistoryRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>What this process is called in the history, at most 100 characters. Default machine name and process id.</summary>
    public string Node { get; set; } = FormattableString.Invariant($"{Environment.MachineName}/{Environment.ProcessId}");
}
