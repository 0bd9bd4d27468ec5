namespace Autom8.Scheduling.Schedules;

/// <summary>Puts together what is told of a schedule.</summary>
internal static class Explanations
{
    private const int YearsAhead = 2;

    public static ScheduleExplanation Of(Schedule schedule, DateTimeOffset from, int occurrences)
    {
        string sentence = schedule.Describe();
        string zone = schedule.IsZoned || schedule.TimeZone != "UTC" ? $" ({schedule.TimeZone})" : "";
        return new(
            string.Concat(char.ToUpperInvariant(sentence[0]).ToString(), sentence.AsSpan(1), zone),
            [
                .. schedule
                    .Between(from, DateTimeOffset.MaxValue)
                    .Take(occurrences)
                    .Select(next => TimeZoneInfo.ConvertTime(next, schedule.Zone)),
            ],
            [.. Warnings(schedule, from)]
        );
    }

    private static IEnumerable<string> Warnings(Schedule schedule, DateTimeOffset from)
    {
        if (schedule.Next(from) is null)
        {
            yield return schedule.Next(DateTimeOffset.MinValue) is null ? "It never runs." : "It never runs again.";
        }

        foreach (string remark in schedule.Remarks())
        {
            yield return remark;
        }

        var until = from.Year < 9990 ? from.AddYears(YearsAhead) : from;
        foreach (var note in schedule.ClockChanges(from, until).OrderBy(static note => note.Date))
        {
            yield return note.Text;
        }
    }
}
