namespace Autom8.Scheduling.Schedules;

/// <summary>Occurrences as ticks of UTC.</summary>
internal static class Instants
{
    private static readonly long End = new DateTime(9999, 12, 28, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>The instant, or null when it lies after all that schedules know.</summary>
    public static DateTimeOffset? Of(long ticks) => ticks < End ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>The next whole millisecond: never early, and never between two instants that a database could tell apart.</summary>
    public static DateTimeOffset RoundUp(DateTimeOffset at)
    {
        long past = at.UtcTicks % TimeSpan.TicksPerMillisecond;
        return new(past == 0 ? at.UtcTicks : at.UtcTicks - past + TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
    }
}
