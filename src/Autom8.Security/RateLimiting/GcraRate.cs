namespace Autom8.Security.RateLimiting;

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371, annex A): all that is known of a key is its theoretical arrival time, the moment from which it has its whole burst again. A token bucket in one number, which is out of date by itself.
/// Times are nanoseconds.
/// </summary>
internal readonly struct GcraRate(int burst, double perSecond)
{
    private readonly long _interval = (long)Math.Round(1e9 / perSecond);

    public int Burst { get; } = burst;

    /// <summary>A rate within the bounds in which its times cannot overflow.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static GcraRate Checked(int burst, double perSecond, string burstParameter, string perSecondParameter)
    {
        if (burst is < 1 or > 1_000_000)
        {
            throw new ArgumentOutOfRangeException(burstParameter, burst, "Burst must be from 1 to 1,000,000 permits.");
        }

        if (perSecond is not (>= 0.001 and <= 1_000_000))
        {
            throw new ArgumentOutOfRangeException(perSecondParameter, perSecond, "PerSecond must be from 0.001 to 1,000,000 permits.");
        }

        return new GcraRate(burst, perSecond);
    }

    /// <exception cref="ArgumentOutOfRangeException">So many can never be had.</exception>
    public void CheckPermits(int permits)
    {
        if ((uint)permits > (uint)Burst)
        {
            throw new ArgumentOutOfRangeException(nameof(permits), permits, $"The permits must be from 0 to the burst of {Burst}.");
        }
    }

    /// <summary>Moves <paramref name="arrival"/> on by some permits if they may be had now. Of none it is asked whether one would be.</summary>
    public bool TryTake(ref long arrival, long now, int permits)
    {
        var from = Math.Max(arrival, now);
        if (Wait(from, now, permits) > 0)
        {
            return false;
        }

        arrival = permits > 0 ? from + (permits * _interval) : arrival;
        return true;
    }

    /// <summary>What there is to say after <see cref="TryTake"/> has left <paramref name="arrival"/>.</summary>
    public RateLimitDecision Describe(bool isAcquired, long arrival, long now, int permits)
    {
        var from = Math.Max(arrival, now);
        return new(isAcquired, Remaining(from, now), isAcquired ? TimeSpan.Zero : Span(Wait(from, now, permits)), Span(from - now));
    }

    private long Wait(long from, long now, int permits) => from + (Math.Max(permits, 1) * _interval) - (Burst * _interval) - now;

    private int Remaining(long from, long now) => (int)(((Burst * _interval) - (from - now)) / _interval);

    /// <summary>Rounded up: whoever waits so long has waited long enough.</summary>
    private static TimeSpan Span(long nanoseconds) => new((nanoseconds + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
}
