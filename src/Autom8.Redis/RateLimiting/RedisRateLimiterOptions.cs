namespace Autom8.Redis.RateLimiting;

/// <summary>How much a key may ask for of all processes together.</summary>
public sealed class RedisRateLimiterOptions
{
    /// <summary>What tells this limit from others on the server: 1 to 64 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How many permits may be taken at once: 1 to 1,000,000.</summary>
    public required int Burst { get; init; }

    /// <summary>How many a second after that: 0.001 to 1,000,000.</summary>
    public required double PerSecond { get; init; }

    /// <summary>What every key in Redis begins with. Default <c>autom8:limit:</c>.</summary>
    public string KeyPrefix { get; init; } = "autom8:limit:";

    /// <summary>How long Redis may take to answer: 1 ms to 10 s. Default 100 ms.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many busy keys this process tells apart while Redis does not answer: 1 to 100,000,000, 40 bytes each. Default 10,000.</summary>
    public int MaximumKeysAlone { get; init; } = 10_000;
}
