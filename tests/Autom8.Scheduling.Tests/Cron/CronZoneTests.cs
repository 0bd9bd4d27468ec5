using System.Collections.Concurrent;
using System.Globalization;
using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Tests.Cron;

public sealed class CronZoneTests
{
    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_quarter_of_an_hour_is_one_run_per_fifteen_minutes_of_real_time_in_every_zone()
    {
        var zones = TimeZoneInfo.GetSystemTimeZones();
        Assert.True(zones.Count > 300, $"Only {zones.Count} zones are installed.");
        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(
            zones,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            zone =>
            {
                var schedule = CronSchedule.Parse("*/15 * * * *", zone);
                var previous = schedule.Next(From)!.Value;
                while (previous < Until)
                {
                    var next = schedule.Next(previous)!.Value;
                    if (next - previous != TimeSpan.FromMinutes(15))
                    {
                        wrong.Add($"{zone.Id}: {previous:u} then {next:u}");
                        break;
                    }
                    previous = next;
                }
            }
        );
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_fixed_time_of_day_happens_once_on_every_date_of_every_zone()
    {
        string[] times = ["30 2 * * *", "0 0 * * *", "30 1 * * *", "15 0 * * *"];
        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(
            TimeZoneInfo.GetSystemTimeZones(),
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            zone =>
            {
                foreach (string time in times)
                {
                    int previous = 0;
                    foreach (var next in CronSchedule.Parse(time, zone).Between(From.AddDays(2), Until))
                    {
                        int date = DateOnly.FromDateTime((next + zone.GetUtcOffset(next)).UtcDateTime).DayNumber;
                        if (previous > 0 && date != previous + 1)
                            wrong.Add($"{time} in {zone.Id}: {next:u} is not on the day after the one before");
                        previous = date;
                    }
                }
            }
        );
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_offsets_of_a_zone_are_those_that_the_system_knows_in_every_century()
    {
        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(
            new[]
            {
                "Europe/Warsaw",
                "America/New_York",
                "Africa/Casablanca",
                "Asia/Manila",
                "Pacific/Apia",
                "Australia/Lord_Howe",
                "Europe/Dublin",
                "UTC",
            },
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            id =>
            {
                var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
                var offsets = ZoneOffsets.Of(zone);
                for (
                    var at = new DateTimeOffset(1000, 1, 1, 0, 0, 0, TimeSpan.Zero);
                    at.Year < 9990;
                    at = at.AddDays(at.Year is > 1830 and < 2110 ? 5 : 97)
                )
                    if (offsets.OffsetAt(at.ToUnixTimeSeconds()) != (int)zone.GetUtcOffset(at).TotalSeconds)
                        wrong.Add($"{id} at {at:u}");
            }
        );
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("*/7 * * * *")]
    [InlineData("30 2 * * *")]
    [InlineData("0 0 L * *")]
    public void From_every_second_near_a_clock_change_the_way_leads_forward_to_the_same_occurrences(string expression)
    {
        foreach (
            string id in new[]
            {
                "America/New_York",
                "Europe/Dublin",
                "Africa/Casablanca",
                "Australia/Lord_Howe",
                "America/Santiago",
                "Africa/Cairo",
            }
        )
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
            var schedule = CronSchedule.Parse(expression, zone);
            foreach (var change in ChangesOf(zone))
            {
                var known = schedule.Between(change.AddHours(-4), change.AddDays(40)).Take(200).ToList();
                int index = 0;
                for (var at = change.AddHours(-3); at < change.AddHours(3); at = at.AddSeconds(1))
                {
                    while (known[index] <= at)
                        index++;
                    if (schedule.Next(at) != known[index])
                        Assert.Fail($"{expression} in {id} after {at:u}: {schedule.Next(at):u}, not {known[index]:u}");
                }
            }
        }
    }

    private static IEnumerable<DateTimeOffset> ChangesOf(TimeZoneInfo zone)
    {
        for (var hour = From; hour < From.AddYears(1); hour = hour.AddMinutes(30))
            if (zone.GetUtcOffset(hour) != zone.GetUtcOffset(hour.AddMinutes(30)))
                yield return hour.AddMinutes(30);
    }

    [Theory]
    // The gap: once, at the first instant after it.
    [InlineData("30 2 * * *", "America/New_York", "2026-03-08T00:00-05:00", "2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00")]
    [InlineData("0,15,30,45 2 * * *", "America/New_York", "2026-03-08T00:00-05:00", "2026-03-08T03:00-04:00", "2026-03-09T02:00-04:00")]
    [InlineData("0 * * * *", "America/New_York", "2026-03-08T01:00-05:00", "2026-03-08T03:00-04:00", "2026-03-08T04:00-04:00")]
    [InlineData("0 0 * * *", "America/Santiago", "2026-09-05T01:00-04:00", "2026-09-06T01:00-03:00", "2026-09-07T00:00-03:00")]
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00+10:30", "2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00")]
    [InlineData("30 1 * * *", "Europe/Dublin", "2026-03-28T12:00+00:00", "2026-03-29T02:00+01:00", "2026-03-30T01:30+01:00")]
    [InlineData("30 0 * * *", "Africa/Cairo", "2026-04-23T12:00+02:00", "2026-04-24T01:00+03:00", "2026-04-25T00:30+03:00")]
    // The repeated hour: rhythms run in both passes, fixed times in the first.
    [InlineData("0 * * * *", "America/New_York", "2026-11-01T00:30-04:00", "2026-11-01T01:00-04:00", "2026-11-01T01:00-05:00")]
    [InlineData("30 1 * * *", "America/New_York", "2026-11-01T00:30-04:00", "2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00")]
    [InlineData("30 1 * * *", "Europe/Dublin", "2026-10-24T12:00+01:00", "2026-10-25T01:30+01:00", "2026-10-26T01:30+00:00")]
    [InlineData("*/30 1 * * *", "Europe/Dublin", "2026-10-25T01:00+01:00", "2026-10-25T01:30+01:00", "2026-10-25T01:00+00:00")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-05T00:00+11:00", "2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30")]
    // Zones with negative daylight saving, and a zone that left out a day.
    [InlineData("0 12 * * *", "Africa/Casablanca", "2026-02-14T13:00+01:00", "2026-02-15T12:00+00:00", "2026-02-16T12:00+00:00")]
    [InlineData("0 12 * * *", "Pacific/Apia", "2011-12-29T11:00-10:00", "2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00")]
    public void When_clocks_change(string expression, string zone, string after, string first, string second)
    {
        var schedule = CronSchedule.Parse(expression, zone);
        var next = schedule.Next(At(after));
        Assert.Equal(At(first).ToUniversalTime(), next);
        Assert.Equal(At(second).ToUniversalTime(), schedule.Next(next!.Value));
    }

    [Fact]
    public void Instants_between_two_seconds_are_answered_with_the_next_whole_second()
    {
        var schedule = CronSchedule.Parse("* * * * * *");
        Assert.Equal(From, schedule.Next(From.AddTicks(-1)));
        Assert.Equal(From.AddSeconds(1), schedule.Next(From));
        Assert.Equal(From.AddSeconds(1), schedule.Next(From.AddTicks(1)));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(-1), schedule.Next(DateTimeOffset.UnixEpoch.AddSeconds(-1).AddTicks(-1)));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
