namespace Autom8.Scheduling.Jobs;

/// <summary>How a job is run wherever it is not said otherwise. Set where the job is registered.</summary>
public sealed class JobOptions
{
    /// <summary>The queue it waits in. Default <c>default</c>.</summary>
    public string Queue { get; set; } = JobQueues.Default;

    /// <summary>Its priority within the queue.</summary>
    public JobPriority Priority { get; set; } = JobPriority.Normal;

    /// <summary>After what time a run is cancelled and counts as failed, up to 7 days; null for never.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Further attempts after a failure. Default none.</summary>
    public RetryPolicy Retry { get; set; } = RetryPolicy.None;

    /// <summary>Which failures are worth another attempt. Default all.</summary>
    public Func<Exception, bool>? RetryOn { get; set; }

    /// <summary>What happens when its node dies. Default at least once.</summary>
    public Delivery Delivery { get; set; }
}
