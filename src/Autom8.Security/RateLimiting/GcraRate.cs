namespace Autom8.Security.RateLimiting;

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371, annex A): all that is known of a key is its theoretical arrival time, the moment from which it has its whole burst again. A token bucket in one number, which is out of date by itself.
/// Times are nanoseconds.
/// </summary>
internal readonly struct GcraRate(int burst, double perSecond)
{
    private readonly long _interval = (long)Math.Round(1e9 / perSecond);

    public int Burst { get; } = burst;

    /// <summary>Decides about some permits, and moves <paramref name="arrival"/> on where they are given. Of none it is asked whether one would be.</summary>
    public RateLimitDecision Decide(ref long arrival, long now, int permits)
    {
        var tolerance = Burst * _interval;
        var from = Math.Max(arrival, now);
        var until = from + (Math.Max(permits, 1) * _interval);
        var wait = until - tolerance - now;
        if (wait > 0)
        {
            return new(IsAcquired: false, Remaining(from, now), Span(wait), Span(from - now));
        }

        if (permits > 0)
        {
            arrival = from = until;
        }

        return new(IsAcquired: true, Remaining(from, now), TimeSpan.Zero, Span(from - now));
    }

    private int Remaining(long from, long now) => (int)(((Burst * _interval) - (from - now)) / _interval);

    /// <summary>Rounded up: whoever waits so long has waited long enough.</summary>
    private static TimeSpan Span(long nanoseconds) => new((nanoseconds + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
}
