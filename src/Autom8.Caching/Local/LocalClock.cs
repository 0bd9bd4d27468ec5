using System.Runtime.CompilerServices;

namespace Autom8.Caching.Local;

/// <summary>
/// Milliseconds on a clock that never goes back. The system's provider is read through its coarse clock (<see cref="CoarseClock"/>: a few nanoseconds, resolution 1 to 16 ms by platform);
/// any other provider through its timestamps, so that tests own the time.
/// </summary>
internal readonly struct LocalClock(TimeProvider time)
{
    /// <summary>The end of time: entries that never expire.</summary>
    public const long Never = long.MaxValue;

    private static readonly long LongestMilliseconds = (long)TimeSpan.FromDays(36_500).TotalMilliseconds;

    private readonly TimeProvider? _custom = ReferenceEquals(time, TimeProvider.System) ? null : time;

    public long Now => _custom is null ? CoarseClock.Milliseconds : Timestamp(_custom);

    /// <summary>The moment <paramref name="duration"/> from now, rounded down: a fraction of a millisecond is lost, never gained.</summary>
    public long After(TimeSpan duration) =>
        duration.TotalMilliseconds >= LongestMilliseconds ? Never : Now + (long)duration.TotalMilliseconds;

    /// <summary>In whole numbers: the ticks of a date are more than a double holds, and a millisecond would be lost now and then.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // out of the way of the hits, which are on the system's clock
    private static long Timestamp(TimeProvider time)
    {
        var (timestamp, frequency) = (time.GetTimestamp(), time.TimestampFrequency);
        return frequency == TimeSpan.TicksPerSecond
            ? timestamp / TimeSpan.TicksPerMillisecond
            : (long)((Int128)timestamp * 1000 / frequency);
    }
}
