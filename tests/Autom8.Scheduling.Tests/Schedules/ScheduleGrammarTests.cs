using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Schedules;

namespace Autom8.Scheduling.Tests.Schedules;

public sealed class ScheduleGrammarTests
{
    [Theory]
    [InlineData("0 3 * * *", "0 3 * * *")]
    [InlineData(" 0\t3  * *   * ", "0 3 * * *")]
    [InlineData("@Daily", "@Daily")]
    [InlineData("H H(0-12) L,15W * FRI#2,5L", null)]
    [InlineData("every 30s", "every 30s")]
    [InlineData("EVERY 90m", "every 1h30m")]
    [InlineData("every 1w", "every 7d")]
    [InlineData("every 500ms", "every 500ms")]
    [InlineData("every 100000ms", "every 1m40s")]
    [InlineData("every 1h FROM 2026-12-24T18:00+01:00", "every 1h from 2026-12-24T17:00:00Z")]
    [InlineData("once 2026-12-24T18:00:00Z", "once 2026-12-24T18:00:00Z")]
    [InlineData("once 2026-12-24T18:00:00.25-02:30", "once 2026-12-24T20:30:00.25Z")]
    [InlineData("daily 3:00", "daily 03:00")]
    [InlineData("daily 03:00:30", "daily 03:00:30")]
    [InlineData("monthly -1 03:00", "monthly -1 03:00")]
    [InlineData("monthly 15 03:00 every 2 months", "monthly 15 03:00 every 2 months")]
    [InlineData("monthly 15 03:00 every 1 month", "monthly 15 03:00")]
    [InlineData("daily 03:00 or every 5m", "daily 03:00 or every 5m")]
    [InlineData("(daily 03:00) or (every 5m or 0 0 1 * *)", "daily 03:00 or every 5m or 0 0 1 * *")]
    [InlineData("daily 03:00 except 2026-12-25,2026-12-24", "daily 03:00 except 2026-12-24, 2026-12-25")]
    [InlineData("daily 03:00 except 2026-12-24 , 2026-12-24", "daily 03:00 except 2026-12-24")]
    [InlineData("daily 03:00 except 2026-12-24 except 2026-12-26", "daily 03:00 except 2026-12-24, 2026-12-26")]
    [InlineData("0 3 * * * jitter 30s", "0 3 * * * jitter 30s")]
    [InlineData("daily 03:00 or daily 04:00 except 2026-12-24 jitter 1m", null)]
    [InlineData("daily 03:00 or (daily 04:00 except 2026-12-24)", null)]
    [InlineData("daily 03:00 except 2026-12-24 or daily 04:00", null)]
    public void Text_has_one_canonical_form(string written, string? canonical)
    {
        var schedule = Schedule.Parse(written, "Europe/Warsaw", "name");
        Assert.Equal(canonical ?? written, schedule.ToString());
        Assert.Equal(schedule, Schedule.Parse(schedule.ToString(), schedule.TimeZone, "name"));
        Assert.Equal("Europe/Warsaw", schedule.TimeZone);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("  ", 1)]
    [InlineData("evry 5m", 1)]
    [InlineData("every", 6)]
    [InlineData("every 5", 7)]
    [InlineData("every 5x", 7)]
    [InlineData("every 5 minutes", 7)]
    [InlineData("every 0s", 7)]
    [InlineData("every 99ms", 7)]
    [InlineData("every 1m1h", 7)]
    [InlineData("every 99999999999d", 7)]
    [InlineData("every 9999999999w9999999999d", 7)]
    [InlineData("every 40000d", 7)]
    [InlineData("every 5m from", 14)]
    [InlineData("every 5m from noon", 15)]
    [InlineData("every 5m until", 10)]
    [InlineData("once 2026-12-24", 6)]
    [InlineData("once 2026-12-24T18:00", 6)]
    [InlineData("once 2026-02-30T18:00Z", 6)]
    [InlineData("once 0001-01-01T00:00Z", 6)]
    [InlineData("daily", 6)]
    [InlineData("daily 25:00", 7)]
    [InlineData("daily 3", 7)]
    [InlineData("daily 03:00 04:00", 13)]
    [InlineData("monthly 0 03:00", 9)]
    [InlineData("monthly 32 03:00", 9)]
    [InlineData("monthly L 03:00", 9)]
    [InlineData("monthly 1", 10)]
    [InlineData("monthly 1 03:00 every", 22)]
    [InlineData("monthly 1 03:00 every 0 months", 23)]
    [InlineData("monthly 1 03:00 every 2", 24)]
    [InlineData("monthly 1 03:00 every 2 weeks", 25)]
    [InlineData("or daily 03:00", 1)]
    [InlineData("daily 03:00 or", 15)]
    [InlineData("daily 03:00 or or daily 04:00", 16)]
    [InlineData("daily 03:00 except", 19)]
    [InlineData("daily 03:00 except christmas", 20)]
    [InlineData("daily 03:00 except 2026-12-24,", 31)]
    [InlineData("daily 03:00 except 2026-12-24,,2026-12-25", 31)]
    [InlineData("daily 03:00 except 2026-12-24 2026-12-25", 31)]
    [InlineData("daily 03:00 jitter", 19)]
    [InlineData("daily 03:00 jitter 25h", 13)]
    [InlineData("daily 03:00 jitter 1s jitter 1s", 23)]
    [InlineData("(daily 03:00", 13)]
    [InlineData("daily 03:00)", 12)]
    [InlineData("()", 2)]
    [InlineData("daily 03:00 or 60 * * * *", 16)]
    [InlineData("daily 03:00 or (1 2 3)", 22)]
    [InlineData("0 3 * * * or H * * * *", 14)]
    [InlineData("0 3 * * *\n", 10)]
    [InlineData("daily 03:00 or é", 16)]
    [InlineData("((((((daily 03:00))))))", 5)]
    [InlineData("0 0 * * 8", 9)]
    public void Mistakes_are_told_at_their_column_with_a_hint(string text, int column)
    {
        Assert.False(Schedule.TryParse(text, "UTC", null, out var schedule, out var error));
        Assert.Null(schedule);
        Assert.Equal(column, error.Column);
        Assert.NotEmpty(error.Problem);
        Assert.NotEmpty(error.Hint);
        Assert.Equal(error, Assert.Throws<CronFormatException>(() => Schedule.Parse(text)).Error);
        Assert.False(Schedule.TryParse(text, "Mars/Olympus", null, out _, out var withoutZone));
        Assert.Equal(error, withoutZone);
    }

    [Fact]
    public void A_zone_that_is_not_known_is_told_without_a_column()
    {
        Assert.False(Schedule.TryParse("daily 03:00", "Mars/Olympus", null, out _, out var error));
        Assert.Equal(0, error.Column);
        Assert.False(Schedule.TryParse("daily 03:00", null, null, out _, out error));
        Assert.Equal(0, error.Column);
        Assert.False(Schedule.TryParse(null, "UTC", null, out _, out error));
        Assert.Equal(1, error.Column);
    }

    [Fact]
    public void Endless_and_deep_texts_are_refused()
    {
        Assert.False(Schedule.TryParse(new string('1', 10_000), "UTC", null, out _, out var error));
        Assert.Equal(4_001, error.Column);
        Assert.False(Schedule.TryParse(new string('(', 3_000), "UTC", null, out _, out error));
        string deep = string.Concat(Enumerable.Repeat(" except 2026-12-24 or daily 04:00", 5));
        Assert.False(Schedule.TryParse("daily 03:00" + deep, "UTC", null, out _, out error));
        Assert.Contains("deep", error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_is_held_to_the_same_rules()
    {
        var daily = Schedule.Daily(new TimeOnly(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Every(TimeSpan.FromMilliseconds(99)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Every(TimeSpan.FromTicks(1_000_001)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Once(DateTimeOffset.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Daily(new TimeOnly(3, 0, 0, 500)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Monthly(0, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Monthly(1, default, everyMonths: 121));
        Assert.Throws<ArgumentOutOfRangeException>(() => daily.WithJitter(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => daily.Or(Schedule.Daily(default, "Europe/Warsaw")));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            daily.ExceptOn(Enumerable.Range(0, 1_000).Select(new DateOnly(2026, 1, 1).AddDays))
        );
        Assert.Throws<CronFormatException>(() => Schedule.Daily(default, "Mars/Olympus"));
        Assert.Throws<CronFormatException>(() => Schedule.Cron("H * * * *"));
        Assert.Throws<CronFormatException>(() => Schedule.Cron("every 5m"));
    }

    [Fact]
    public void A_schedule_without_a_zone_takes_that_of_the_other()
    {
        var schedule = Schedule.Every(TimeSpan.FromHours(1)).Or(Schedule.Daily(new TimeOnly(3, 0), "Europe/Warsaw"));
        Assert.Equal("Europe/Warsaw", schedule.TimeZone);
        Assert.Equal(Schedule.Parse("every 1h or daily 03:00", "Europe/Warsaw"), schedule);
    }
}
