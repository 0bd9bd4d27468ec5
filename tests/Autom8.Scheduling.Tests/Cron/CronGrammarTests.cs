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
    [InlineData("@annually", "0 0 1 1 *")]
    [InlineData("0 0 ? * MON", "0 0 * * 1")]
    [InlineData("0 0 13 * ?", "0 0 13 * *")]
    [InlineData("0 0 * * FRI#2", "0 0 8-14 * 5")]
    [InlineData("0 0 * * 7#1,3#5", "0 0 * * SUN#1,WED#5")]
    [InlineData("0 0 l * *", "0 0 L * *")]
    [InlineData("0 0 * * FRIL", "0 0 * * 5l")]
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
    [InlineData("1.5 * * * *", 1)]
    [InlineData("99999999999999999999 * * * *", 1)]
    [InlineData("* ? * * *", 3)]
    [InlineData("* * ?,1 * *", 5)]
    [InlineData("* * LX * *", 6)]
    [InlineData("* * L-0 * *", 7)]
    [InlineData("* * L-31 * *", 7)]
    [InlineData("* * L/2 * *", 6)]
    [InlineData("* * 32W * *", 5)]
    [InlineData("* * W * *", 5)]
    [InlineData("* * 1-5W * *", 5)]
    [InlineData("* * * L *", 7)]
    [InlineData("* * * * L", 9)]
    [InlineData("* * * * 8L", 9)]
    [InlineData("* * * * 1#0", 11)]
    [InlineData("* * * * 1#6", 11)]
    [InlineData("* * * * MON#", 13)]
    [InlineData("* * * * 1,FRY#2", 11)]
    [InlineData("H * * * *", 1)]
    [InlineData("* * 1,H * *", 7)]
    [InlineData("H(0-60) * * * *", 5)]
    [InlineData("H(9-3) * * * *", 3)]
    [InlineData("H(5 * * * *", 2)]
    [InlineData("H/0 * * * *", 3)]
    [InlineData("H/61 * * * *", 3)]
    [InlineData("H5 * * * *", 2)]
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
    [InlineData("0 0 L-29 2 *", true)]
    [InlineData("0 0 30W 2 *", true)]
    [InlineData("0 0 1-7 * FRI#2", true)]
    [InlineData("0 0 L-28 2 *", false)]
    [InlineData("0 0 * 2 FRI#5", false)]
    [InlineData("0 0 29 2 FRI#5", false)]
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
    [InlineData("0 0 * 2 FRI#5", "2026-01-01", "2036-02-29")]
    [InlineData("0 0 1 1 *", "9000-01-01", "9001-01-01")]
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

    [Theory]
    [InlineData("0 0 L * *", "2027-02-28 2027-03-31 2027-04-30")]
    [InlineData("0 0 L-3 * *", "2027-02-25 2027-03-28 2027-04-27")]
    [InlineData("0 0 L 2 *", "2027-02-28 2028-02-29 2029-02-28")]
    [InlineData("0 0 1,15,L * *", "2027-02-01 2027-02-15 2027-02-28")]
    [InlineData("0 0 LW * *", "2027-02-26 2027-03-31 2027-04-30")]
    [InlineData("0 0 L-1W * *", "2027-02-26 2027-03-30 2027-04-29")]
    [InlineData("0 0 15W * *", "2027-02-15 2027-03-15 2027-04-15")]
    [InlineData("0 0 14W * *", "2027-02-15 2027-03-15 2027-04-14")]
    [InlineData("0 0 13W * *", "2027-02-12 2027-03-12 2027-04-13")]
    [InlineData("0 0 1W 5,8 *", "2027-05-03 2027-08-02 2028-05-01")] // a Saturday, a Sunday, a Monday
    [InlineData("0 0 31W 1,7 *", "2027-07-30 2028-01-31 2028-07-31")] // a Sunday in January, a Saturday in July
    [InlineData("0 0 31W 1 *", "2028-01-31 2029-01-31 2030-01-31")]
    [InlineData("0 0 ? * 5L", "2027-02-26 2027-03-26 2027-04-30")]
    [InlineData("0 0 ? * MON,FRI#2", "2027-02-01 2027-02-08 2027-02-12")]
    [InlineData("0 0 ? * 0#1", "2027-02-07 2027-03-07 2027-04-04")]
    [InlineData("0 0 L * FRI", "2027-04-30 2027-12-31 2028-03-31")]
    public void Days_may_depend_on_their_month(string expression, string dates) =>
        Assert.Equal(dates.Split(' ').Select(Utc), CronSchedule.Parse(expression).Between(Utc("2027-01-31"), Utc("2040-01-01")).Take(3));

    [Theory]
    [InlineData("H H * * *")]
    [InlineData("H H(9-16) H H *")]
    [InlineData("H H H(0-23) * * H")]
    [InlineData("H/15 * * * *")]
    [InlineData("H(0-29)/10 * * * *")]
    [InlineData("0 0 H/7 * *")]
    public void H_is_the_same_for_the_same_seed_and_spreads_others(string expression)
    {
        var all = new HashSet<string>();
        for (int i = 0; i < 200; i++)
        {
            string seed = $"task-{i}";
            var times = CronSchedule
                .Parse(expression, seed: seed)
                .Between(Start, Start.AddDays(400))
                .Take(4)
                .Select(t => $"{t:O}")
                .ToList();
            Assert.NotEmpty(times);
            Assert.Equal(
                times,
                CronSchedule
                    .Parse(expression.ToLowerInvariant(), seed: seed)
                    .Between(Start, Start.AddDays(400))
                    .Take(4)
                    .Select(t => $"{t:O}")
            );
            all.Add(string.Join(' ', times));
        }
        Assert.True(all.Count >= 5, $"{all.Count} different ones.");
    }

    [Fact]
    public void H_stays_in_its_range_and_reaches_all_of_it()
    {
        var minutes = new int[60];
        var days = new int[32];
        for (int i = 0; i < 3_000; i++)
        {
            var next = CronSchedule.Parse("H(10-19) 3 H * *", seed: $"s{i}").Next(Start)!.Value;
            minutes[next.Minute]++;
            days[next.Day]++;
        }
        Assert.All(minutes[10..20], count => Assert.InRange(count, 200, 400));
        Assert.All(days[1..29], count => Assert.InRange(count, 50, 180));
        Assert.Equal(3_000, minutes[10..20].Sum());
        Assert.Equal(3_000, days[1..29].Sum());
    }

    [Fact]
    public void H_is_frozen_because_stored_tasks_rely_on_it() =>
        Assert.Equal(
            "14:00 03:27 12:47",
            string.Join(
                ' ',
                new[] { "a", "invoices", "śnieg" }.Select(seed => $"{CronSchedule.Parse("H H * * *", seed: seed).Next(Start):HH:mm}")
            )
        );

    [Fact]
    public void A_text_that_was_read_before_is_shared_by_all_names_unless_it_uses_them()
    {
        Assert.Same(CronSchedule.Parse("7 7 * * 1-5", "Europe/Warsaw", "a"), CronSchedule.Parse("7 7 * * 1-5", "Europe/Warsaw", "b"));
        Assert.NotSame(CronSchedule.Parse("7 7 * * 1-5", "Europe/Warsaw"), CronSchedule.Parse("7 7 * * 1-5", "Europe/Paris"));
        Assert.NotSame(CronSchedule.Parse("H 7 * * 1-5", "UTC", "a"), CronSchedule.Parse("H 7 * * 1-5", "UTC", "b"));
    }

    [Fact]
    public void A_million_schedules_take_little_memory()
    {
        const int Count = 20_000;
        var all = new CronSchedule[Count];
        CronSchedule.Parse("0 0 * * *", "Europe/Warsaw").Next(Start);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Count; i++)
            all[i] = CronSchedule.Parse(
                string.Create(CultureInfo.InvariantCulture, $"{i % 60} {i / 60 % 60} {i / 3600} 1 * *"),
                "Europe/Warsaw"
            );
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        GC.KeepAlive(all);
        Assert.True(each < 200, $"{each} bytes each, with the text.");
    }

    [Fact]
    public void Next_allocates_nothing()
    {
        CronSchedule[] schedules =
        [
            CronSchedule.Parse("*/15 9-17 * * 1-5", "America/New_York"),
            CronSchedule.Parse("0 0 29 2 *", "America/New_York"),
            CronSchedule.Parse("0 0 L,15W * FRI#2", "America/New_York"),
        ];
        long Run()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var schedule in schedules)
                for (int day = 0; day < 500; day++)
                    schedule.Next(Start.AddDays(day));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Run();
        Assert.Equal(0, Run());
    }

    private static DateTimeOffset Utc(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
