namespace Autom8.Scheduling.Alerts;

/// <summary>How alerts are delivered; bound from <c>Autom8:Scheduling:Alerts</c> and checked at start.</summary>
public sealed class AlertOptions
{
    /// <summary>What people are told of tasks that have no policy of their own.</summary>
    public AlertPolicy DefaultPolicy { get; set; } = AlertPolicy.Default;

    /// <summary>Whether alerts are logged. Default true.</summary>
    public bool Log { get; set; } = true;

    /// <summary>How many alerts wait for one sink, 1 to 100,000; when there are more, the oldest is dropped. Default 256.</summary>
    public int QueueCapacity { get; set; } = 256;

    /// <summary>How long one attempt to deliver may take, 10 ms to 5 minutes. Default 10 seconds.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an alert is tried, 1 to 20. Default 5.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>How long to wait before the second attempt, 1 ms to 1 hour; doubled for each further one, and shortened by up to a half at random. Default 2 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait between attempts, <see cref="RetryDelay"/> to 1 day. Default 1 minute.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>For how long an alert of the same fingerprint is a duplicate, 0 to 1 day. Default 10 minutes.</summary>
    public TimeSpan DedupeWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long waiting alerts may still be delivered when the process stops, 0 to 10 minutes. Default 5 seconds.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
