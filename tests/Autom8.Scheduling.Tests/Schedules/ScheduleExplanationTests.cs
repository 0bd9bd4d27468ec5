using Autom8.Scheduling.Schedules;

namespace Autom8.Scheduling.Tests.Schedules;

public sealed class ScheduleExplanationTests
{
    private static readonly DateTimeOffset From = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("* * * * *", "Every minute (UTC)")]
    [InlineData("* * * * * *", "Every second (UTC)")]
    [InlineData("*/10 * * * * *", "Every 10 seconds (UTC)")]
    [InlineData("*/15 9-17 * * 1-5", "Every 15 minutes from 09:00 to 17:59 on Monday to Friday (UTC)")]
    [InlineData("0 * * * *", "Every hour (UTC)")]
    [InlineData("0 */2 * * *", "Every 2 hours (UTC)")]
    [InlineData("5 * * * *", "At minute 5 of every hour (UTC)")]
    [InlineData("30 2 * * *", "At 02:30 every day (UTC)")]
    [InlineData("5 * * * * *", "At second 5 of every minute (UTC)")]
    [InlineData("*/20 0,30 * * * *", "Every 20 seconds of every 30 minutes (UTC)")]
    [InlineData("0 8-18 * * *", "At the full hour from 08:00 to 18:59 (UTC)")]
    [InlineData("0 3,15 * * *", "At 03:00 and 15:00 every day (UTC)")]
    [InlineData("0 0 29 2 *", "At 00:00 on day 29 of the month in February (UTC)")]
    [InlineData("5 30 4 1,15 * *", "At 04:30:05 on days 1 and 15 of the month (UTC)")]
    [InlineData("0 0 L * *", "At 00:00 on the last day of the month (UTC)")]
    [InlineData(
        "0 0 L-3,15W,LW 3-5 *",
        "At 00:00 on the last weekday (Monday to Friday), the 3rd day before the last and the weekday (Monday to Friday) nearest to the 15th of the month in March to May (UTC)"
    )]
    [InlineData("0 7 * * FRI#2,0L", "At 07:00 on the 2nd Friday of the month and the last Sunday of the month (UTC)")]
    [InlineData("0 7 13 * FRI", "At 07:00 on day 13 of the month, if it is Friday (UTC)")]
    [InlineData("5,20,35 3,4,9 * * SUN,SAT", "At minutes 5, 20 and 35 in the hours 03, 04 and 09 on Saturday and Sunday (UTC)")]
    [InlineData("0 0 30 2 *", "Never (UTC)")]
    [InlineData("every 1h30m", "Every 1h30m")]
    [InlineData("once 2026-12-24T18:00:00Z", "Once 2026-12-24T18:00:00Z")]
    [InlineData("monthly -1 03:00 every 3 months", "At 03:00 on the last day of the month every 3 months (UTC)")]
    [InlineData(
        "daily 03:00 or every 1h except 2026-12-24, 2026-12-25 jitter 30s",
        "At 03:00 every day, or every 1h, except on 2026-12-24 and 2026-12-25, each later by less than 30s (UTC)"
    )]
    public void It_says_when(string text, string description) =>
        Assert.Equal(description, Schedule.Parse(text, seed: "a").Explain(From).Description);

    [Theory]
    [InlineData("0 0 30 2 *", "It never runs.|No month that it names has such a day.")]
    [InlineData("once 2026-01-01T00:00:00Z", "It never runs again.")]
    [InlineData("once 2026-01-01T00:00:00Z except 2026-01-01", "It never runs.")]
    [InlineData("0 12 13 * FRI", "Day of month and day of week must both match; other crons run when either does.")]
    [InlineData("0 12 31 * *", "Months without such a day are left out; the last day of every month is L in cron and -1 in monthly.")]
    [InlineData("monthly -1 12:00", "")]
    [InlineData("0 12 L * *", "")]
    [InlineData("* * * * *", "")]
    [InlineData("0 * * * *", "")]
    [InlineData("every 1h", "")]
    [InlineData("30 3 * * *", "")]
    [InlineData(
        "30 2 * * *",
        "On 2027-03-28 it runs at 03:00 instead of the skipped 02:30.|On 2028-03-26 it runs at 03:00 instead of the skipped 02:30."
    )]
    [InlineData("daily 02:30 except 2027-03-28", "On 2028-03-26 it runs at 03:00 instead of the skipped 02:30.")]
    [InlineData(
        "*/30 2 * * * except 2028-03-26",
        "On 2027-03-28 it runs at 03:00 instead of the skipped 02:00 and 02:30.|On 2027-10-31 it runs twice at 02:00 and 02:30, because the clock is set back.|On 2028-10-29 it runs twice at 02:00 and 02:30, because the clock is set back."
    )]
    [InlineData("0 0 30 2 * or every 1h", "0 0 30 2 *: No month that it names has such a day.")]
    public void It_warns(string text, string warnings) =>
        Assert.Equal(
            warnings.Split('|', StringSplitOptions.RemoveEmptyEntries),
            Schedule.Parse(text, "Europe/Warsaw").Explain(From).Warnings
        );

    [Fact]
    public void It_lists_what_comes_next_by_the_clock_of_the_zone()
    {
        var next = Schedule.Parse("daily 03:00", "Europe/Warsaw").Explain(From, 3).Next;
        Assert.Equal(
            ["2026-11-27T03:00+01:00", "2026-11-28T03:00+01:00", "2026-11-29T03:00+01:00"],
            next.Select(at => $"{at:yyyy-MM-dd'T'HH:mmzzz}")
        );
        Assert.Single(Schedule.Once(From.AddDays(1)).Explain(From).Next);
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Once(From).Explain(From, 1_001));
    }

    [Fact]
    public void It_can_be_asked_from_the_beginning_to_the_end_of_time()
    {
        foreach (
            string text in new[]
            {
                "*/30 2 * * *",
                "every 1h",
                "monthly 31 02:30 every 7 months",
                "daily 02:30 except 2026-01-01 jitter 1h",
            }
        )
        {
            Assert.NotEmpty(Schedule.Parse(text, "Europe/Warsaw").Explain(DateTimeOffset.MinValue).Next);
            Assert.Empty(Schedule.Parse(text, "Europe/Warsaw").Explain(DateTimeOffset.MaxValue).Next);
            Assert.NotEmpty(Schedule.Parse(text, "Europe/Warsaw").Explain(new(9500, 1, 1, 0, 0, 0, TimeSpan.Zero)).Next);
        }
    }
}
