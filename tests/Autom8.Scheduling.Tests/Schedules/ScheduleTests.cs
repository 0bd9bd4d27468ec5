using System.Globalization;
using Autom8.Scheduling.Schedules;

namespace Autom8.Scheduling.Tests.Schedules;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData("every 30s", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:30Z 2026-01-01T00:01:00Z")]
    [InlineData("every 100ms", "UTC", "2026-01-01T00:00:00.05Z", "2026-01-01T00:00:00.1Z 2026-01-01T00:00:00.2Z")]
    [InlineData("every 7h", "UTC", "1970-01-01T00:00:00Z", "1970-01-01T07:00:00Z 1970-01-01T14:00:00Z")]
    [InlineData("every 7h", "UTC", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z 1970-01-01T07:00:00Z")]
    [InlineData("every 1h from 2026-03-05T10:20:00Z", "UTC", "2026-01-01T00:00:00Z", "2026-03-05T10:20:00Z 2026-03-05T11:20:00Z")]
    [InlineData("every 1h from 2026-03-05T10:20:00Z", "UTC", "2026-03-05T10:20:00Z", "2026-03-05T11:20:00Z 2026-03-05T12:20:00Z")]
    // Intervals are real time: the clock change makes no difference.
    [InlineData("every 1h", "Europe/Warsaw", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z 2026-10-25T02:00:00Z")]
    [InlineData("once 2026-12-24T18:00:00Z", "UTC", "2026-01-01T00:00:00Z", "2026-12-24T18:00:00Z")]
    [InlineData("once 2026-12-24T18:00:00Z", "UTC", "2026-12-24T18:00:00Z", "")]
    // Daily: the skipped hour's comes right after it, the repeated hour's once, in the first pass.
    [InlineData("daily 02:30", "Europe/Warsaw", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z")]
    [InlineData("daily 02:30", "Europe/Warsaw", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z")]
    [InlineData("monthly 29 02:30", "Europe/Warsaw", "2026-03-01T12:00:00Z", "2026-03-29T01:00:00Z 2026-04-29T00:30:00Z")]
    [InlineData("monthly -1 03:00", "UTC", "2027-01-31T03:00:00Z", "2027-02-28T03:00:00Z 2027-03-31T03:00:00Z")]
    [InlineData("monthly -31 03:00", "UTC", "2027-01-01T03:00:00Z", "2027-03-01T03:00:00Z 2027-05-01T03:00:00Z")]
    [InlineData("monthly 31 03:00", "UTC", "2027-01-31T03:00:00Z", "2027-03-31T03:00:00Z 2027-05-31T03:00:00Z")]
    [InlineData("monthly 1 00:00 every 3 months", "UTC", "2027-01-31T03:00:00Z", "2027-04-01T00:00:00Z 2027-07-01T00:00:00Z")]
    [InlineData(
        "monthly 1 00:00 every 5 months",
        "UTC",
        "1969-01-31T03:00:00Z",
        "1969-03-01T00:00:00Z 1969-08-01T00:00:00Z 1970-01-01T00:00:00Z"
    )]
    [InlineData("monthly -1 00:00 every 24 months", "UTC", "2027-02-01T00:00:00Z", "2028-01-31T00:00:00Z 2030-01-31T00:00:00Z")]
    [InlineData(
        "daily 03:00 or 0 3,4 * * *",
        "UTC",
        "2027-01-01T00:00:00Z",
        "2027-01-01T03:00:00Z 2027-01-01T04:00:00Z 2027-01-02T03:00:00Z"
    )]
    [InlineData("0 0 30 2 * or once 2027-01-02T00:00:00Z", "UTC", "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z")]
    // A date is that of the schedule's zone: eight in the evening of the 24th in New York is the 25th in UTC.
    [InlineData("daily 20:00 except 2026-12-24", "America/New_York", "2026-12-23T12:00:00Z", "2026-12-24T01:00:00Z 2026-12-26T01:00:00Z")]
    [InlineData(
        "* * * * * except 2026-12-24, 2026-12-25",
        "Europe/Warsaw",
        "2026-12-23T22:58:30Z",
        "2026-12-23T22:59:00Z 2026-12-25T23:00:00Z"
    )]
    [InlineData("every 12h except 2026-10-25", "Europe/Warsaw", "2026-10-24T13:00:00Z", "2026-10-26T00:00:00Z")]
    [InlineData("once 2026-12-24T18:00:00Z except 2026-12-24", "UTC", "2026-01-01T00:00:00Z", "")]
    public void Occurrences(string text, string zone, string after, string expected)
    {
        var times = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(At).ToList();
        Assert.Equal(times, Schedule.Parse(text, zone).Between(At(after), DateTimeOffset.MaxValue).Take(Math.Max(times.Count, 1)));
    }

    [Fact]
    public void A_date_that_comes_twice_is_left_out_twice()
    {
        // At midnight of 2026-04-05 the clock of Santiago goes back to 23:00 of the 4th.
        var schedule = Schedule.Parse("*/30 * * * * except 2026-04-04", "America/Santiago");
        Assert.Equal(At("2026-04-04T00:00:00-04:00").AddDays(1), schedule.Next(At("2026-04-04T12:00:00-03:00")));
    }

    [Fact]
    public void Code_and_text_name_the_same()
    {
        var at = new TimeOnly(3, 0);
        Assert.Equal(Schedule.Parse("daily 03:00", "Europe/Warsaw"), Schedule.Daily(at, "Europe/Warsaw"));
        Assert.Equal(Schedule.Parse("monthly -1 03:00 every 2 months"), Schedule.Monthly(-1, at, everyMonths: 2));
        Assert.Equal(Schedule.Parse("every 1h30m"), Schedule.Every(TimeSpan.FromMinutes(90)));
        Assert.Equal(Schedule.Parse("0 3 * * 1-5"), Schedule.Cron("0 3  * * 1-5"));
        Assert.Equal(Schedule.Parse("H 3 * * 1-5", seed: "a"), Schedule.Cron("H 3 * * 1-5", seed: "a"));
        Assert.NotEqual(Schedule.Parse("H 3 * * 1-5", seed: "b"), Schedule.Cron("H 3 * * 1-5", seed: "a"));
        Assert.Equal(Schedule.Parse("0 3 * * 1-5", seed: "b"), Schedule.Cron("0 3 * * 1-5", seed: "a"));
        Assert.NotEqual(Schedule.Parse("0 3 * * 1-5", "Europe/Warsaw"), Schedule.Cron("0 3 * * 1-5"));
        Assert.Equal(
            Schedule.Parse("every 1h or daily 03:00 except 2026-12-24, 2026-12-25 jitter 30s", seed: "a"),
            Schedule
                .Every(TimeSpan.FromHours(1))
                .Or(Schedule.Daily(at))
                .ExceptOn(new DateOnly(2026, 12, 25), new DateOnly(2026, 12, 24))
                .WithJitter(TimeSpan.FromSeconds(30), "a")
        );
        Assert.Equal(Schedule.Daily(at), Schedule.Daily(at).ExceptOn());
    }

    [Fact]
    public void Instants_made_in_code_are_rounded_up_to_what_every_database_keeps()
    {
        var at = At("2026-12-24T18:00:00Z").AddTicks(1);
        Assert.Equal("once 2026-12-24T18:00:00.001Z", Schedule.Once(at).ToString());
        Assert.True(Schedule.Once(at).Next(at - TimeSpan.FromDays(1)) >= at);
        Assert.Equal("every 1s from 2026-12-24T18:00:00.001Z", Schedule.Every(TimeSpan.FromSeconds(1), at).ToString());
    }

    [Fact]
    public void Jitter_spreads_names_and_is_the_same_for_each()
    {
        var start = At("2026-01-01T00:00:00Z");
        var seconds = new List<double>();
        for (int i = 0; i < 1_000; i++)
        {
            var schedule = Schedule.Parse("0 3 * * * jitter 60s", "UTC", $"task-{i}");
            var next = schedule.Next(start)!.Value;
            Assert.Equal(next, Schedule.Daily(new TimeOnly(3, 0)).WithJitter(TimeSpan.FromMinutes(1), $"task-{i}").Next(start));
            seconds.Add((next - At("2026-01-01T03:00:00Z")).TotalSeconds);
        }
        Assert.InRange(seconds.Min(), 0, 1);
        Assert.InRange(seconds.Max(), 59, 59.999);
        Assert.InRange(seconds.Average(), 27, 33);
    }

    [Fact]
    public void Jitter_never_reaches_the_next_occurrence()
    {
        var start = At("2026-01-01T00:00:00Z");
        var plain = Schedule.Parse("every 10s").Between(start, start.AddHours(1)).ToList();
        var moved = Schedule.Parse("every 10s jitter 1d", seed: "a").Between(start, start.AddHours(1)).ToList();
        foreach (var (from, to) in plain.SkipLast(1).Zip(moved.SkipWhile(at => at < plain[0]), (from, to) => (from, to)))
            Assert.InRange(to, from, from.AddSeconds(10).AddTicks(-1));
    }

    [Fact]
    public void A_schedule_that_was_read_before_is_shared_by_all_names_unless_it_uses_them()
    {
        Assert.Same(Schedule.Parse("every 17m", "UTC", "a"), Schedule.Parse("every 17m", "UTC", "b"));
        Assert.NotEqual(Schedule.Parse("every 17m jitter 5s", "UTC"), Schedule.Parse("every 17m jitter 5s", "UTC", "b"));
        Assert.NotEqual(Schedule.Parse("every 17m jitter 5s", "UTC", "a"), Schedule.Parse("every 17m jitter 5s", "UTC", "b"));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
