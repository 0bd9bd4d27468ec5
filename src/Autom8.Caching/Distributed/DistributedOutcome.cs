namespace Autom8.Caching.Distributed;

internal enum DistributedStatus
{
    /// <summary>Found, or written, or deleted.</summary>
    Done,

    /// <summary>Not there, or there but not ours to believe.</summary>
    Missing,

    /// <summary>The tier failed or missed its deadline: what it did is not known.</summary>
    Failed,

    /// <summary>The circuit is open: the tier was not asked.</summary>
    Skipped,
}

/// <param name="Status">How it went.</param>
/// <param name="Hung">The call that missed its deadline and may still take effect, until it has completed.</param>
internal readonly record struct DistributedOutcome(DistributedStatus Status, Task? Hung = null);

/// <param name="Outcome">How it went.</param>
/// <param name="Value">The answer, when it was done.</param>
internal readonly record struct DistributedAnswer<T>(DistributedOutcome Outcome, T Value = default!)
{
    public bool IsDone => Outcome.Status == DistributedStatus.Done;
}
