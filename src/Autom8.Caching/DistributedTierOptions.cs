namespace Autom8.Caching;

/// <summary>How long the cache waits for its distributed tier, and when it stops asking.</summary>
public sealed class DistributedTierOptions
{
    /// <summary>Deadline of every call to the distributed tier. 500 ms unless set; positive, at most a minute.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Failures in a row after which the tier is left alone until a probe succeeds. A missed deadline opens the circuit at once. At least 1; 3 unless set.</summary>
    public int FailureThreshold { get; set; } = 3;

    /// <summary>How often an open circuit is probed, and failed invalidations are tried again, off every caller's path. One second unless set.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the versions of tags read from the distributed tier are believed before they are read again: the longest that a tag removed by another node goes
    /// unnoticed by reads of the distributed tier. Five seconds unless set.
    /// </summary>
    public TimeSpan TagVersionLifetime { get; set; } = TimeSpan.FromSeconds(5);
}
