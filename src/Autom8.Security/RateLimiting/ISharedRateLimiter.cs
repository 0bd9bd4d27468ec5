namespace Autom8.Security.RateLimiting;

/// <summary>A limit for many keys that processes count together.</summary>
/// <remarks>Safe for concurrent use. To dispose it gives back what this process holds for it; what was counted stays.</remarks>
public interface ISharedRateLimiter : IDisposable
{
    /// <summary>Takes permits if the key may have them now. It never fails because others cannot be asked: then this process counts for itself.</summary>
    /// <param name="key">Whose they are.</param>
    /// <param name="permits">How many, all or none: up to the burst. 0 asks whether one could be had, and takes none.</param>
    /// <param name="cancellationToken">Ends the waiting; the permits may have been taken.</param>
    /// <exception cref="ArgumentOutOfRangeException">More permits than the burst can never be had.</exception>
    ValueTask<RateLimitDecision> DecideAsync(string key, int permits = 1, CancellationToken cancellationToken = default);
}

/// <summary>Makes limits that processes count together. Where one is registered, the limits of the HTTP API are made by it; otherwise each process counts for itself.</summary>
public interface ISharedRateLimiterFactory
{
    /// <summary>Makes a limit, to be disposed by the caller.</summary>
    /// <param name="name">What tells the limit from others, the same in every process: 1 to 64 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</param>
    /// <param name="options">How much a key may have of all processes together. <see cref="GcraRateLimiterOptions.MaximumKeys"/> is for a process that counts for itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">The name or an option is out of its range; the message says which.</exception>
    ISharedRateLimiter Create(string name, GcraRateLimiterOptions options);
}
