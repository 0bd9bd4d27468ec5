namespace Autom8.Redis;

/// <summary>How the Redis tier connects and names its keys. Bound from the configuration section <c>Autom8:Redis</c> and checked at start.</summary>
public sealed class RedisOptions
{
    /// <summary>The configuration section the options are read from.</summary>
    public const string SectionName = "Autom8:Redis";

    /// <summary>Stands before every key, so that applications can share a server. <c>autom8:</c> unless set; not empty.</summary>
    public string KeyPrefix { get; set; } = "autom8:";

    /// <summary>Lets the connection to a server that is not on this machine go without TLS. False unless set.</summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>How long a decision of a shared rate limit may take before this process counts for itself: 1 ms to 10 s. 100 ms unless set.</summary>
    public TimeSpan RateLimitDeadline { get; set; } = TimeSpan.FromMilliseconds(100);
}
