namespace Autom8.Security.RateLimiting;

/// <summary>Nanoseconds since it was made, by the monotonic clock of a provider.</summary>
internal readonly struct GcraClock
{
    private const long Nanoseconds = 1_000_000_000;

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly long _frequency;

    public GcraClock(TimeProvider? time)
    {
        _time = time ?? TimeProvider.System;
        _start = _time.GetTimestamp();
        _frequency = _time.TimestampFrequency;
    }

    public long Now()
    {
        var elapsed = _time.GetTimestamp() - _start;
        return _frequency == Nanoseconds ? elapsed : (long)((Int128)elapsed * Nanoseconds / _frequency);
    }
}
