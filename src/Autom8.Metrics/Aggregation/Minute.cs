namespace Autom8.Metrics.Aggregation;

/// <summary>The one-minute UTC periods, half-open: a minute begins at its start and ends before the next one's.</summary>
internal static class Minute
{
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    public static DateTimeOffset StartOf(DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % Length.Ticks), TimeSpan.Zero);

    public static DateTimeOffset EndOf(DateTimeOffset instant)
    {
        DateTimeOffset start = StartOf(instant);
        return start == instant || start > DateTimeOffset.MaxValue - Length ? start : start + Length;
    }
}
