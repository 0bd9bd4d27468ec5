using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>
/// A schedule whose occurrences are moved later, each by a hash of seed and occurrence.
/// </summary>
/// <remarks>An occurrence is moved by less than the time to the next one, so that the order stays: then of all that lie before an instant only the last can still be to come.</remarks>
internal sealed class JitterSchedule(Schedule inner, TimeSpan max, string? seed)
    : Schedule($"{inner} jitter {ScheduleText.Duration(max)}", inner.Zone)
{
    internal override bool IsZoned => inner.IsZoned;

    internal override string? Seed => seed;

    internal override bool IsJittered => true;

    internal override int Depth => inner.Depth + 1;

    public override DateTimeOffset? Next(DateTimeOffset after)
    {
        if (LastUntil(after) is { } last && Moved(last) is var late && late > after)
        {
            return late;
        }

        return inner.Next(after) is { } next ? Moved(next) : null;
    }

    internal override Schedule In(TimeZoneInfo zone) => IsZoned ? this : new JitterSchedule(inner.In(zone), max, seed);

    internal override string Describe() => $"{inner.Describe()}, each later by less than {ScheduleText.Duration(max)}";

    internal override IEnumerable<string> Remarks() => inner.Remarks();

    internal override IEnumerable<ClockChangeNote> ClockChanges(DateTimeOffset from, DateTimeOffset until) =>
        inner.ClockChanges(from, until);

    private DateTimeOffset Moved(DateTimeOffset occurrence)
    {
        long room = max.Ticks;
        if (inner.Next(occurrence) is { } following)
        {
            room = Math.Min(room, (following - occurrence).Ticks);
        }

        ulong steps = (ulong)((room + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
        ulong step = StableHash.Of(seed ?? "", occurrence.UtcTicks) % steps;
        return occurrence.AddTicks((long)step * TimeSpan.TicksPerMillisecond);
    }

    /// <summary>The last occurrence at or before an instant and less than the jitter away: by halving, since schedules are only asked forward.</summary>
    private DateTimeOffset? LastUntil(DateTimeOffset instant)
    {
        var begin = instant.UtcTicks > max.Ticks ? instant - max : DateTimeOffset.MinValue;
        if (inner.Next(begin) is not { } last || last > instant)
        {
            return null;
        }

        var end = instant;
        while (inner.Next(last) is { } following && following <= instant)
        {
            var middle = last + (end - last) / 2;
            if (inner.Next(middle) is { } later && later <= instant)
            {
                last = later;
            }
            else
            {
                end = middle;
                last = following;
            }
        }
        return last;
    }
}
