namespace Autom8.Caching;

/// <summary>How far an invalidation has come when the call returns. On this node it is always in force by then.</summary>
public enum InvalidationStatus
{
    /// <summary>The shared tier has it, and other nodes hear of it (or nothing is shared).</summary>
    Done,

    /// <summary>
    /// The shared tier could not be told within its deadline. The invalidation is queued and made up for as soon as it answers; until then other nodes may serve the old value up to its expiry.
    /// The queue is in memory: it does not outlive this process.
    /// </summary>
    Pending,
}
