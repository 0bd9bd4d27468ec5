using System.Threading.RateLimiting;

namespace Autom8.Security.RateLimiting;

/// <summary>
/// Limits how often something may be done (GCRA, a token bucket kept as one time). Nothing runs in the background; a decision that grants allocates nothing. For many keys, each with a limit of its own, take <see cref="GcraRateLimiter{TKey}"/>.
/// </summary>
/// <remarks>
/// <para>Safe for any number of threads. Exact: whatever order simultaneous calls are taken in, together they get what the rate allows and not one more. Time is the provider's monotonic clock.</para>
/// <para>Nothing is queued: <see cref="RateLimiter.AcquireAsync"/> answers at once.</para>
/// </remarks>
public sealed class GcraRateLimiter : RateLimiter
{
    private readonly GcraRate _rate;
    private readonly GcraClock _clock;
    private long _arrival; // only ever grows
    private long _granted;
    private long _refused;
    private bool _disposed;

    /// <param name="burst">How many permits may be taken at once: 1 to 1,000,000.</param>
    /// <param name="perSecond">How many a second after that: 0.001 to 1,000,000. The time between two is rounded to a nanosecond.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">Burst or rate is out of its range; the message says which.</exception>
    public GcraRateLimiter(int burst, double perSecond, TimeProvider? time = null)
    {
        _rate = GcraRate.Checked(burst, perSecond, nameof(burst), nameof(perSecond));
        _clock = new GcraClock(time);
    }

    /// <summary>For how long the whole burst has been there, from the making of the limiter at most; null while some of it is not.</summary>
    public override TimeSpan? IdleDuration =>
        _clock.Now() - Volatile.Read(ref _arrival) is >= 0 and var idle ? new TimeSpan(idle / TimeSpan.NanosecondsPerTick) : null;

    /// <summary>Takes permits if they may be had now. The same as <see cref="RateLimiter.AttemptAcquire"/>, and says more.</summary>
    /// <param name="permits">How many, all or none: up to the burst. 0 asks whether one could be had, and takes none.</param>
    /// <exception cref="ArgumentOutOfRangeException">More permits than the burst can never be had.</exception>
    public RateLimitDecision Decide(int permits = 1)
    {
        var isAcquired = TryTake(permits, out var arrival, out var now);
        return _rate.Describe(isAcquired, arrival, now, permits);
    }

    /// <summary>What could be had at once, and how many decisions granted and refused so far.</summary>
    public override RateLimiterStatistics GetStatistics()
    {
        var now = _clock.Now();
        return new()
        {
            CurrentAvailablePermits = _rate.Describe(isAcquired: true, Volatile.Read(ref _arrival), now, permits: 0).Remaining,
            TotalSuccessfulLeases = Volatile.Read(ref _granted),
            TotalFailedLeases = Volatile.Read(ref _refused),
        };
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount) =>
        TryTake(permitCount, out var arrival, out var now)
            ? GcraLease.Granted
            : _rate.Describe(isAcquired: false, arrival, now, permitCount).ToLease();

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<RateLimitLease>(cancellationToken)
            : new(AttemptAcquireCore(permitCount));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override ValueTask DisposeAsyncCore()
    {
        _disposed = true;
        return base.DisposeAsyncCore();
    }

    private bool TryTake(int permits, out long arrival, out long now)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _rate.CheckPermits(permits);
        now = _clock.Now();
        var read = Volatile.Read(ref _arrival);
        while (true)
        {
            arrival = read;
            var isAcquired = _rate.TryTake(ref arrival, now, permits);
            var met = arrival == read ? read : Interlocked.CompareExchange(ref _arrival, arrival, read);
            if (met == read)
            {
                Interlocked.Increment(ref isAcquired ? ref _granted : ref _refused);
                return isAcquired;
            }

            read = met; // somebody else took first
        }
    }
}
