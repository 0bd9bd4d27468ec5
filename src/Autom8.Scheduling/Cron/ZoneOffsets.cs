using System.Runtime.CompilerServices;

namespace Autom8.Scheduling.Cron;

/// <summary>
/// The UTC offsets of a time zone as a flat table of transitions, in Unix seconds.
/// </summary>
/// <remarks>
/// It is built by asking <see cref="TimeZoneInfo.GetUtcOffset(DateTimeOffset)"/> for UTC instants and nothing else: .NET's queries
/// about local times (<c>IsInvalidTime</c>, <c>IsAmbiguousTime</c>, <c>ConvertTimeToUtc</c>) are wrong in zones with negative daylight
/// saving time (Europe/Dublin, Africa/Casablanca, Africa/El_Aaiun). The table covers the years that were asked for and grows on demand.
/// </remarks>
internal sealed class ZoneOffsets
{
    private const long Day = 86_400;
    private const long YearsAhead = 12 * 366 * Day;
    private static readonly long First = new DateTimeOffset(2, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long Last = new DateTimeOffset(9999, 12, 30, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly ConditionalWeakTable<TimeZoneInfo, ZoneOffsets> Known = [];

    private readonly TimeZoneInfo _zone;
    private readonly Lock _growth = new();
    private volatile Table _table; // replaced whole under _growth; readers take it once per search

    private ZoneOffsets(TimeZoneInfo zone)
    {
        _zone = zone;
        _table = new Table([long.MinValue], [0], [long.MinValue], long.MaxValue, long.MinValue);
    }

    public static ZoneOffsets Of(TimeZoneInfo zone) => Known.GetValue(zone, static z => new ZoneOffsets(z));

    /// <summary>A table that knows every offset from a year before <paramref name="from"/> until <paramref name="until"/>.</summary>
    public Table Covering(long from, long until)
    {
        var table = _table;
        return Covers(table, from, until) ? table : Grow(from, until);
    }

    private static bool Covers(Table table, long from, long until) =>
        table.From <= Math.Max(from - 366 * Day, First) && table.Until >= Math.Min(until, Last);

    private Table Grow(long from, long until)
    {
        lock (_growth)
        {
            if (Covers(_table, from, until))
                return _table;
            bool empty = _table.From == long.MaxValue;
            long start = Math.Clamp(empty ? from - 2 * 366 * Day : Math.Min(_table.From, from - 2 * 366 * Day), First, Last);
            long end = Math.Clamp(Math.Max(_table.Until, until + YearsAhead), First, Last);
            return _table = Build(start, end);
        }
    }

    private Table Build(long start, long end)
    {
        var at = new List<long> { long.MinValue };
        int current = Offset(start);
        var offsets = new List<int> { current };
        var seen = new List<long> { long.MinValue };
        for (long t = start; t < end; t += Day)
        {
            long stop = Math.Min(t + Day, end);
            int next = Offset(stop);
            if (next == current)
                continue;
            long before = t;
            long after = stop;
            while (after - before > 1)
            {
                long middle = (before + after) / 2;
                if (Offset(middle) == current)
                    before = middle;
                else
                    after = middle;
            }
            at.Add(after);
            offsets.Add(Offset(after));
            seen.Add(Math.Max(seen[^1], after + current));
            current = offsets[^1];
            t = after - Day; // a second transition within the same day is looked for from here
        }
        return new Table([.. at], [.. offsets], [.. seen], start, end);
    }

    private int Offset(long utc) => (int)_zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(utc)).TotalSeconds;

    /// <summary>Segments of constant offset. Segment i starts at <see cref="At"/>[i] (UTC) and has <see cref="Offsets"/>[i].</summary>
    /// <param name="At">Where the segments start; the first is without beginning.</param>
    /// <param name="Offsets">Local time minus UTC, in seconds.</param>
    /// <param name="Seen">The local second before which every wall-clock time has been passed already (or skipped) when the segment begins.</param>
    /// <param name="From">The first second the table is sure of.</param>
    /// <param name="Until">The first second it is no longer sure of.</param>
    internal sealed record Table(long[] At, int[] Offsets, long[] Seen, long From, long Until)
    {
        public int Find(long utc)
        {
            int index = Array.BinarySearch(At, utc);
            return index >= 0 ? index : ~index - 1;
        }
    }
}
