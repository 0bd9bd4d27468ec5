using System.Runtime.CompilerServices;

namespace Autom8.Scheduling.Cron;

/// <summary>
/// The UTC offsets of a time zone as a flat table of transitions, in Unix seconds.
/// </summary>
/// <remarks>
/// It is built by asking <see cref="TimeZoneInfo.GetUtcOffset(DateTimeOffset)"/> for UTC instants and nothing else: .NET's queries
/// about local times (<c>IsInvalidTime</c>, <c>IsAmbiguousTime</c>, <c>ConvertTimeToUtc</c>) are wrong in zones with negative daylight
/// saving time (Europe/Dublin, Africa/Casablanca, Africa/El_Aaiun). The table covers the years that were asked for and grows on demand; it begins
/// in 1800, before which no zone has a transition, and instants after 2200 are to be moved by <see cref="CycleBefore"/>, because the calendar and with it every rule repeats after 400 years.
/// </remarks>
internal sealed class ZoneOffsets
{
    private const long Day = 86_400;
    private const long Cycle = 146_097 * Day;
    private const long YearsAhead = 12 * 366 * Day;
    private static readonly long First = new DateTimeOffset(1800, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long Cyclic = new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly ConditionalWeakTable<TimeZoneInfo, ZoneOffsets> Known = [];

    private readonly Lock _growth = new();
    private volatile ZoneTable _table = ZoneTable.Empty; // replaced whole under _growth; readers take it once per search

    private ZoneOffsets(TimeZoneInfo zone) => Zone = zone;

    public TimeZoneInfo Zone { get; }

    public static ZoneOffsets Of(TimeZoneInfo zone) => Known.GetValue(zone, static z => new ZoneOffsets(z));

    /// <summary>By how much an instant is moved back before its offset is looked up: whole cycles of 400 years.</summary>
    public static long CycleBefore(long utc) => utc < Cyclic ? 0 : (utc - Cyclic) / Cycle * Cycle;

    /// <summary>A table that knows every offset from a year before <paramref name="from"/> until <paramref name="until"/>.</summary>
    public ZoneTable Covering(long from, long until)
    {
        var table = _table;
        return Covers(table, from, until) ? table : Grow(from, until);
    }

    /// <summary>Local time minus UTC in seconds.</summary>
    public int OffsetAt(long utc)
    {
        utc -= CycleBefore(utc);
        var table = Covering(utc, utc + 1);
        return table.Segments[table.Find(utc)].Offset;
    }

    /// <summary>The local date of an instant, and an instant after it until which all others have the same.</summary>
    public (DateOnly Date, long End) DateAt(long utc)
    {
        long cycles = CycleBefore(utc);
        var table = Covering(utc - cycles, utc - cycles + 1);
        int index = table.Find(utc - cycles);
        int offset = table.Segments[index].Offset;
        var date = DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(utc + offset).UtcDateTime);
        long midnight = (date.DayNumber + 1 - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * Day - offset;
        return (date, Math.Min(midnight, table.Segments[index + 1].At + cycles));
    }

    /// <summary>The clock changes after one instant and not after another.</summary>
    public IEnumerable<ClockChange> Changes(long after, long until)
    {
        long cycles = CycleBefore(after);
        var table = Covering(after - cycles, until - cycles);
        for (int i = table.Find(after - cycles) + 1; i < table.Segments.Length - 1; i++)
        {
            var segment = table.Segments[i];
            if (segment.At + cycles > until)
            {
                yield break;
            }

            yield return new ClockChange(segment.At + segment.Offset + cycles, segment.Seen + cycles);
        }
    }

    private static bool Covers(ZoneTable table, long from, long until) =>
        until <= table.Until && (from >= table.From + 366 * Day || table.From == First);

    private ZoneTable Grow(long from, long until)
    {
        lock (_growth)
        {
            var table = _table;
            if (Covers(table, from, until))
            {
                return table;
            }

            long start = Math.Max(Math.Min(table.From, from - 2 * 366 * Day), First);
            long end = Math.Max(until, start);
            long ahead = table.From == long.MaxValue ? YearsAhead : Math.Max(YearsAhead, end - start); // who asks again is to find twice as much
            return _table = Build(start, Math.Max(table.Until, end + ahead));
        }
    }

    private ZoneTable Build(long start, long end)
    {
        int current = Offset(start);
        var segments = new List<ZoneSegment> { new(long.MinValue, long.MinValue, current) };
        for (long t = start; t < end; t += Day)
        {
            long stop = Math.Min(t + Day, end);
            if (Offset(stop) == current)
            {
                continue;
            }

            long before = t;
            long after = stop;
            while (after - before > 1)
            {
                long middle = (before + after) / 2;
                if (Offset(middle) == current)
                {
                    before = middle;
                }
                else
                {
                    after = middle;
                }
            }
            segments.Add(new(after, Math.Max(segments[^1].Seen, after + current), Offset(after)));
            current = segments[^1].Offset;
            t = after - Day; // a second transition within the same day is looked for from here
        }
        segments.Add(new(end, long.MaxValue, current));
        return new ZoneTable([.. segments], start);
    }

    private int Offset(long utc) => (int)Zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(utc)).TotalSeconds;
}
