namespace Autom8.Security.RateLimiting;

/// <summary>How much a key may ask for, and how many keys are told apart.</summary>
public sealed class GcraRateLimiterOptions
{
    /// <summary>How many permits may be taken at once: 1 to 1,000,000.</summary>
    public required int Burst { get; init; }

    /// <summary>How many a second after that: 0.001 to 1,000,000. The time between two is rounded to a nanosecond.</summary>
    public required double PerSecond { get; init; }

    /// <summary>
    /// How many keys may be busy at the same time: 1 to 100,000,000. Default 100,000. One is busy from when it takes a permit until it has its whole burst again. 41 bytes are set aside for each, and 8 KiB at least, once and for all.
    /// When there are more, those that find no place share what one key may have: nobody gets more than his own, and memory does not grow.
    /// </summary>
    public int MaximumKeys { get; init; } = 100_000;
}
