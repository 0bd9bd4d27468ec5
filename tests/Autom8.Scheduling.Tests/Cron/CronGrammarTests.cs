using System.Globalization;
using Autom8.Scheduling.Cron;

namespace Autom8.Scheduling.Tests.Cron;

public sealed class CronGrammarTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0\t3  *\t* *", "0 3 * * *")]
    [InlineData("  0 3 * * *  ", "0 3 * * *")]
    [InlineData("0 0 * * 7", "0 0 * * 0")]
    [InlineData("0 0 * * 5-7", "0 0 * * 5,6,0")]
    [InlineData("0 0 * * 7-2", "0 0 * * 0,1,2")]
    [InlineData("0 0 * * FRI-MON", "0 0 * * 5,6,0,1")]
    [InlineData("0 0 * * fri-sun", "0 0 * * 0,5,6")]
    [InlineData("0 0 * * 1-7/2", "0 0 * * 1,3,5,0")]
    [InlineData("0 22-2 * * *", "0 22,23,0,1,2 * * *")]
    [InlineData("0 22-3/2 * * *", "0 22,0,2 * * *")]
    [InlineData("50-10/10 * * * *", "50,0,10 * * * *")]
    [InlineData("0 0 28-2 * *", "0 0 28,29,30,31,1,2 * *")]
    [InlineData("0 0 1 NOV-FEB *", "0 0 1 11,12,1,2 *")]
    [InlineData("5/15 * * * *", "5,20,35,50 * * * *")]
    [InlineData("59/2 * * * *", "59 * * * *")]
    [InlineData("*/1 */1 * * *", "* * * * *")]
    [InlineData("0 0 1,15 * *", "0 0 15,1 * *")]
    [InlineData("0 0 3 * * *", "0 3 * * *")]
    [InlineData("@hourly", "0 * * * *")]
    [InlineData("@Daily", "0 0 * * *")]
    [InlineData("@midnight", "0 0 * * *")]
    [InlineData("@weekly", "0 0 * * 0")]
    [InlineData("@monthly", "0 0 1 * *")]
    [InlineData("@yearly", "0 0 1 1 *")]
    public void Both_ways_of_writing_name_the_same_occurrences(string written, string plain)
    {
        var expected = CronSchedule.Parse(plain).Between(Start, Start.AddDays(800)).Take(2000).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, CronSchedule.Parse(written).Between(Start, Start.AddDays(800)).Take(2000));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("   ", 1)]
    [InlineData("* * * *", 8)]
    [InlineData("* * * * * * *", 13)]
    [InlineData("60 * * * *", 1)]
    [InlineData("* 24 * * *", 3)]
    [InlineData("* * 0 * *", 5)]
    [InlineData("* * 32 * *", 5)]
    [InlineData("* * * 13 *", 7)]
    [InlineData("* * * * 8", 9)]
    [InlineData("*/0 * * * *", 3)]
    [InlineData("*/99 * * * *", 3)]
    [InlineData("*/ * * * *", 3)]
    [InlineData("*/-5 * * * *", 3)]
    [InlineData("1,,2 * * * *", 3)]
    [InlineData("1, * * * *", 3)]
    [InlineData("1-2-3 * * * *", 3)]
    [InlineData("-5 * * * *", 1)]
    [InlineData("1- * * * *", 3)]
    [InlineData("* * * J *", 7)]
    [InlineData("* * * JANUARY *", 7)]
    [InlineData("* * * MON *", 7)]
    [InlineData("MON * * * *", 1)]
    [InlineData("* * ? * *", 5)]
    [InlineData("* * L * *", 5)]
    [InlineData("* * * * 1#2", 9)]
    [InlineData("1.5 * * * *", 1)]
    [InlineData("99999999999999999999 * * * *", 1)]
    [InlineData("@never", 1)]
    [InlineData("  @reboot", 3)]
    [InlineData("0 3 * * *\n", 10)]
    [InlineData("0 3 * * *\0", 10)]
    [InlineData("٣ * * * *", 1)]
    [InlineData("0\u00a03 * * *", 2)]
    public void What_cannot_be_meant_is_refused_at_its_column_with_a_hint(string text, int column)
    {
        Assert.False(CronSchedule.TryParse(text, "UTC", out var schedule, out var error));
        Assert.Null(schedule);
        Assert.Equal(column, error.Column);
        Assert.NotEmpty(error.Problem);
        Assert.NotEmpty(error.Hint);
        Assert.Equal(error, Assert.Throws<CronFormatException>(() => CronSchedule.Parse(text)).Error);
    }

    [Fact]
    public void Endless_text_is_refused_before_it_is_read()
    {
        Assert.False(CronSchedule.TryParse(string.Join(',', Enumerable.Repeat("1", 5_000)) + " * * * *", "UTC", out _, out var error));
        Assert.Contains("longer", error.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0 30 2 *", true)]
    [InlineData("0 0 31 4,6,9,11 *", true)]
    [InlineData("0 0 29 2 *", false)]
    [InlineData("0 0 29 2 MON", false)]
    [InlineData("0 0 31 * *", false)]
    public void Never_is_known_without_searching(string expression, bool never)
    {
        var schedule = CronSchedule.Parse(expression);
        Assert.Equal(never, schedule.NeverOccurs);
        Assert.Equal(never, schedule.Next(Start) is null);
    }

    [Theory]
    [InlineData("0 0 29 2 *", "2026-01-01", "2028-02-29")]
    [InlineData("0 0 29 2 *", "2096-03-01", "2104-02-29")]
    [InlineData("0 0 29 2 MON", "2026-01-01", "2044-02-29")]
    [InlineData("0 0 31 * *", "2026-01-31", "2026-03-31")]
    [InlineData("0 0 13 * FRI", "2026-11-14", "2027-08-13")]
    public void Rare_dates_are_found(string expression, string after, string expected) =>
        Assert.Equal(Utc(expected), CronSchedule.Parse(expression).Next(Utc(after)));

    [Fact]
    public void Next_is_null_at_the_end_of_time_and_finds_the_beginning()
    {
        var schedule = CronSchedule.Parse("0 0 1 1 *", "Europe/Warsaw");
        Assert.Null(schedule.Next(DateTimeOffset.MaxValue));
        Assert.NotNull(schedule.Next(DateTimeOffset.MinValue));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mars/Olympus")]
    [InlineData("../../etc/passwd")]
    [InlineData("Europe/Warsaw\0")]
    public void Unknown_zones_are_named_in_the_error_and_never_taken_for_Utc(string zone)
    {
        Assert.False(CronSchedule.TryParse("* * * * *", zone, out _, out var error));
        Assert.Equal(0, error.Column);
        Assert.Contains("Europe/Warsaw", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Central European Standard Time", "Europe/Warsaw")]
    [InlineData("UTC", "UTC")]
    [InlineData("America/New_York", "America/New_York")]
    public void Windows_zone_names_become_Iana_names(string written, string iana) =>
        Assert.Equal(iana, CronSchedule.Parse("* * * * *", written).TimeZone);

    private static DateTimeOffset Utc(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
