using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>A schedule without what falls on certain local dates.</summary>
internal sealed class ExceptSchedule(Schedule inner, DateOnly[] dates)
    : Schedule($"{inner} except {string.Join(", ", dates.Select(ScheduleText.Date))}", inner.Zone)
{
    private readonly ZoneOffsets _offsets = ZoneOffsets.Of(inner.Zone);

    public Schedule Inner => inner;

    /// <summary>In order.</summary>
    public IReadOnlyList<DateOnly> Dates => dates;

    internal override bool IsZoned => true;

    internal override string? Seed => inner.Seed;

    internal override bool IsJittered => inner.IsJittered;

    internal override int Depth => inner.Depth + 1;

    public override DateTimeOffset? Next(DateTimeOffset after)
    {
        while (inner.Next(after) is { } next)
        {
            long utc = next.ToUnixTimeSeconds();
            var (date, end) = _offsets.DateAt(utc);
            if (Array.BinarySearch(dates, date) < 0)
            {
                return next;
            }

            after = DateTimeOffset.FromUnixTimeSeconds(end).AddTicks(-1); // all until then is of the same date
        }
        return null;
    }

    internal override string Describe()
    {
        string[] shown = [.. dates.Take(5).Select(ScheduleText.Date)];
        string list = dates.Length > 5 ? $"{string.Join(", ", shown)} and {dates.Length - 5} more dates" : Phrases.List(shown);
        return $"{inner.Describe()}, except on {list}";
    }

    internal override IEnumerable<string> Remarks() => inner.Remarks();

    internal override IEnumerable<ClockChangeNote> ClockChanges(DateTimeOffset from, DateTimeOffset until) =>
        inner.ClockChanges(from, until).Where(note => Array.BinarySearch(dates, note.Date) < 0);
}
