namespace Autom8.Caching;

/// <summary>How long the cache waits for its distributed tier, when it stops asking, and how far behind other nodes it may be.</summary>
public sealed class DistributedTierOptions
{
    /// <summary>
    /// Longest deadline of a call to the distributed tier. The deadline adapts to what answers take, between <see cref="MinimumTimeout"/> and this. 500 ms unless set; positive, at most a minute.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Shortest deadline of a call to the distributed tier, and the one of the first call. 100 ms unless set; positive, at most <see cref="Timeout"/>.</summary>
    public TimeSpan MinimumTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Failures in a row after which the tier is left alone until a probe succeeds. A missed deadline opens the circuit at once. At least 1; 3 unless set.</summary>
    public int FailureThreshold { get; set; } = 3;

    /// <summary>How often an open circuit is probed, and failed invalidations are tried again, off every caller's path. One second unless set.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How far behind the others this node's memory may be while the shared tier and its messages can be reached, and after they can be again. Two seconds unless set; 100 ms to an hour. Changes are heard of within
    /// milliseconds; this bounds what happens when a message is lost. Every quarter of it the node asks the tier for a sign of life. Without effect over a bare <c>IDistributedCache</c>.
    /// </summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a load waits for another node that loads the same key, before it loads too. Two seconds unless set; zero does not wait. A node that fails or dies in a load costs the others this much at most.
    /// </summary>
    public TimeSpan LeaseWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the fence of a <see cref="CacheChange"/> stands in the shared tier when nobody lifts it. Longer than any transaction that is covered by one: two minutes unless set; one second to an hour.</summary>
    public TimeSpan FenceLifetime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Over a bare <c>IDistributedCache</c>: how long the versions of tags read from it are believed before they are read again, that is the longest that a tag removed by another node goes
    /// unnoticed by reads of it. Five seconds unless set.
    /// </summary>
    public TimeSpan TagVersionLifetime { get; set; } = TimeSpan.FromSeconds(5);
}
