namespace Autom8.Scheduling.Jobs;

/// <summary>How often, and after which pauses, a job that failed is tried again. Immutable.</summary>
/// <remarks>The pause before attempt n+1 is <c>Delay · Factorⁿ⁻¹</c>, at most <see cref="MaxDelay"/>, spread by <see cref="Jitter"/> so that jobs that failed together do not come back together.</remarks>
public sealed record RetryPolicy
{
    /// <summary>No further attempt.</summary>
    public static RetryPolicy None { get; } = new();

    /// <summary>How often a job is tried in all, the first time included: 1 to 100.</summary>
    public int MaxAttempts { get; init; } = 1;

    /// <summary>The first pause, up to 7 days.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>By what each further pause is longer, 1 to 10.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>The longest pause. Default one day.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The part of a pause that is left to chance, 0 to 1: with 0.2 a pause lasts between 80 % and 120 %.</summary>
    public double Jitter { get; init; }

    /// <summary>Further attempts after the same pause.</summary>
    public static RetryPolicy Fixed(int maxAttempts, TimeSpan delay, double jitter = 0) =>
        new RetryPolicy
        {
            MaxAttempts = maxAttempts,
            Delay = delay,
            Jitter = jitter,
        }.Checked();

    /// <summary>Further attempts after pauses that double.</summary>
    public static RetryPolicy Exponential(int maxAttempts, TimeSpan delay, double jitter = 0.2) =>
        new RetryPolicy
        {
            MaxAttempts = maxAttempts,
            Delay = delay,
            Factor = 2,
            Jitter = jitter,
        }.Checked();

    /// <summary>The pause after a failure.</summary>
    /// <param name="failures">How often it has failed, from 1.</param>
    /// <param name="chance">A random number from 0 to 1.</param>
    /// <returns>Null when it is not tried again.</returns>
    internal TimeSpan? Next(int failures, double chance)
    {
        if (failures >= MaxAttempts)
        {
            return null;
        }

        var pause = Math.Min(Delay.TotalMilliseconds * Math.Pow(Factor, failures - 1), MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(pause * (1 + (Jitter * ((2 * chance) - 1))));
    }

    /// <summary>The first property that cannot be used, and its range; null when all can.</summary>
    internal (string Property, string Range)? Problem() =>
        MaxAttempts is < 1 or > 100 ? (nameof(MaxAttempts), "1 to 100")
        : Delay < TimeSpan.Zero || Delay > TimeSpan.FromDays(7) ? (nameof(Delay), "0 to 7 days")
        : Factor is not (>= 1 and <= 10) ? (nameof(Factor), "1 to 10")
        : MaxDelay < TimeSpan.Zero || MaxDelay > TimeSpan.FromDays(365) ? (nameof(MaxDelay), "0 to 365 days")
        : Jitter is not (>= 0 and <= 1) ? (nameof(Jitter), "0 to 1")
        : null;

    /// <exception cref="ArgumentOutOfRangeException">Names the property and its range.</exception>
    internal RetryPolicy Checked() =>
        Problem() is var (property, range)
            ? throw new ArgumentOutOfRangeException(property, $"{property} of a retry policy must be {range}.")
            : this;
}
