using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Schedules;

/// <summary>Tells what one clock change does to local times.</summary>
internal static class ClockChangePhrases
{
    private const int TimesShown = 3;
    private const long Day = 86_400;
    private const uint EveryHour = 0xFF_FFFF;

    /// <summary>A sentence, or null when nobody would notice.</summary>
    public static ClockChangeNote? Note(in LocalPattern pattern, ClockChange change)
    {
        if (change.Seen < change.Begins)
        {
            // What is skipped comes at once; where the schedule runs at that time anyway, nothing is to be seen.
            if (pattern.Next(change.Begins) == change.Begins || Times(pattern, change.Seen, change.Begins) is not { } skipped)
            {
                return null;
            }

            return new(
                DateOf(change.Begins),
                $"On {Name(change.Begins)} it runs at {Time(change.Begins)} instead of the skipped {skipped}."
            );
        }
        // A rhythm through all hours just goes on.
        if (!pattern.IsRhythm || pattern.Hours == EveryHour || Times(pattern, change.Begins, change.Seen) is not { } repeated)
        {
            return null;
        }

        long first = pattern.Next(change.Begins);
        return new(DateOf(first), $"On {Name(first)} it runs twice at {repeated}, because the clock is set back.");
    }

    private static string? Times(in LocalPattern pattern, long from, long until)
    {
        var times = new List<string>();
        for (long time = pattern.Next(from); time < until; time = pattern.Next(time + 1))
        {
            if (times.Count == TimesShown)
            {
                times[^1] = "other times";
                break;
            }
            times.Add(Time(time));
        }
        return times.Count == 0 ? null : Phrases.List(times);
    }

    private static string Name(long local) => ScheduleText.Date(DateOf(local));

    private static string Time(long local) => ScheduleText.Time((int)((local % Day + Day) % Day));

    private static DateOnly DateOf(long local) => DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(local).UtcDateTime);
}
