using System.Runtime.CompilerServices;

namespace Autom8.Scheduling.Engine;

/// <summary>
/// What this process knows of the store's clock: two bounds. The store read its clock after it was asked and before its answer came; so when the answer comes its clock shows at least what it answered, and at most that much
/// and the time since it was asked. Thread-safe.
/// </summary>
/// <remarks>
/// What all answers leave possible counts (Marzullo and Owicki, 1983), and grows with the age of each by what quartz clocks drift apart: of one answer the question may have been quick, and of another the way back. An answer
/// that contradicts those before it replaces them: the clock was set.
/// </remarks>
internal sealed class StoreClock
{
    // 100 parts per million: more than two computers' clocks part without being set.
    private const double Drift = 1e-4;

    // Microseconds are all that stores tell.
    private static readonly TimeSpan Resolution = TimeSpan.FromMicroseconds(1);

    private readonly TimeProvider _time;
    private readonly double _drift;
    private readonly TimeSpan _resolution;
    private volatile StrongBox<Bounds> _last;

    /// <param name="time">This process's clock.</param>
    /// <param name="isExact">Whether it and the store's are one, and no time passes between question and answer.</param>
    public StoreClock(TimeProvider time, bool isExact = false)
    {
        _time = time;
        (_drift, _resolution) = isExact ? (0, TimeSpan.Zero) : (Drift, Resolution);
        var now = time.GetUtcNow();
        var unknown = isExact ? TimeSpan.Zero : TimeSpan.FromHours(1);
        _last = new(new(time.GetTimestamp(), now - unknown, now + unknown));
    }

    /// <summary>The store's time, as far as it is known.</summary>
    public DateTimeOffset UtcNow => Now is var now ? now.Earliest + now.Half : default;

    /// <summary>By how much <see cref="UtcNow"/> may be wrong, either way.</summary>
    public TimeSpan Uncertainty => Now.Half;

    /// <summary>What the store's clock shows at least.</summary>
    public DateTimeOffset Earliest => Now.Earliest;

    /// <summary>By how much the store's clock is ahead of this process's.</summary>
    public TimeSpan Offset => UtcNow - _time.GetUtcNow();

    private Bounds Now => At(_time.GetTimestamp());

    /// <summary>Takes an answer of the store.</summary>
    /// <param name="asked">The timestamp before it was asked.</param>
    /// <param name="storeTime">Its answer.</param>
    public void Observe(long asked, DateTimeOffset storeTime)
    {
        var answered = _time.GetTimestamp();
        var (earliest, latest) = (storeTime, storeTime + (_time.GetElapsedTime(asked, answered) * (1 + _drift)) + _resolution);
        var before = At(answered);
        if (earliest <= before.Latest && latest >= before.Earliest)
        {
            earliest = earliest > before.Earliest ? earliest : before.Earliest;
            latest = latest < before.Latest ? latest : before.Latest;
        }

        _last = new(new(answered, earliest, latest));
    }

    private Bounds At(long timestamp)
    {
        var last = _last.Value;
        var elapsed = _time.GetElapsedTime(last.Timestamp, timestamp);
        var apart = elapsed.Duration() * _drift;
        return new(timestamp, last.Earliest + elapsed - apart, last.Latest + elapsed + apart);
    }

    private readonly record struct Bounds(long Timestamp, DateTimeOffset Earliest, DateTimeOffset Latest)
    {
        public TimeSpan Half => (Latest - Earliest) / 2;
    }
}
