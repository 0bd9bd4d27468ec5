using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Tasks;

/// <summary>The retry policy of a task in the settings. What is left out is as the code declares it, where it declares a policy for the task, and otherwise the default of <see cref="RetryPolicy"/>.</summary>
public sealed class ConfiguredRetry
{
    /// <inheritdoc cref="RetryPolicy.MaxAttempts"/>
    public int? MaxAttempts { get; set; }

    /// <inheritdoc cref="RetryPolicy.Delay"/>
    public TimeSpan? Delay { get; set; }

    /// <inheritdoc cref="RetryPolicy.Factor"/>
    public double? Factor { get; set; }

    /// <inheritdoc cref="RetryPolicy.MaxDelay"/>
    public TimeSpan? MaxDelay { get; set; }

    /// <inheritdoc cref="RetryPolicy.Jitter"/>
    public double? Jitter { get; set; }

    internal RetryPolicy Over(RetryPolicy? code)
    {
        code ??= RetryPolicy.None;
        return new()
        {
            MaxAttempts = MaxAttempts ?? code.MaxAttempts,
            Delay = Delay ?? code.Delay,
            Factor = Factor ?? code.Factor,
            MaxDelay = MaxDelay ?? code.MaxDelay,
            Jitter = Jitter ?? code.Jitter,
        };
    }
}
