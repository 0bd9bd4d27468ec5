using System.Globalization;
using Autom8.Scheduling.Cron;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using NCrontab;

namespace Autom8.Scheduling.Tests.Cron;

/// <summary>The same question to those who also know: NCrontab in UTC, Cronos in zones (without the three in which Cronos is wrong).</summary>
public sealed class CronOracleTests
{
    private static readonly string[] Zones =
    [
        "America/New_York",
        "Europe/Warsaw",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Africa/Cairo",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Pacific/Auckland",
        "Asia/Gaza",
        "America/Havana",
    ];

    [Property(MaxTest = 2_000)]
    public Property In_Utc_NCrontab_agrees() =>
        Prop.ForAll(
            Gen.Zip(Expression(), Instant()).ToArbitrary(),
            pair =>
            {
                var (text, after) = pair;
                bool six = text.Split(' ').Length == 6;
                var oracle = CrontabSchedule.Parse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = six });
                var expected = oracle.GetNextOccurrence(after.UtcDateTime, after.UtcDateTime.AddYears(12));
                var actual = CronSchedule.Parse(text).Next(after);
                return expected == after.UtcDateTime.AddYears(12)
                    ? actual is null || actual >= after.AddYears(12)
                    : actual?.UtcDateTime == expected;
            }
        );

    [Property(MaxTest = 2_000)]
    public Property In_zones_near_clock_changes_Cronos_agrees() =>
        Prop.ForAll(
            Gen.Zip(Expression(), Gen.Zip(Gen.Elements(Zones), Gen.Choose(0, 10_000))).ToArbitrary(),
            pair =>
            {
                var (text, (zoneId, seed)) = pair;
                var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneId);
                var after = NearAClockChange(zone, seed);
                var format = text.Split(' ').Length == 6 ? Cronos.CronFormat.IncludeSeconds : Cronos.CronFormat.Standard;
                var oracle = Cronos.CronExpression.Parse(text, format);
                var schedule = CronSchedule.Parse(text, zoneId);
                for (int i = 0; i < 20; i++)
                {
                    var expected = oracle.GetNextOccurrence(after, zone);
                    var actual = schedule.Next(after);
                    if (expected?.UtcDateTime != actual?.UtcDateTime)
                        return false.Label($"{text} in {zoneId} after {after:u}: {actual:u}, Cronos says {expected?.ToUniversalTime():u}");
                    if (actual is null)
                        break;
                    after = actual.Value;
                }
                return true.ToProperty();
            }
        );

    private static DateTimeOffset NearAClockChange(TimeZoneInfo zone, int seed)
    {
        var random = new Random(seed);
        var day = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(random.Next(0, 900));
        for (int i = 0; i < 400; i++)
        {
            if (zone.GetUtcOffset(day) != zone.GetUtcOffset(day.AddDays(1)))
                break;
            day = day.AddDays(1);
        }
        return day.AddSeconds(random.Next(-20_000, 86_400));
    }

    private static Gen<DateTimeOffset> Instant() =>
        Gen.Choose(0, int.MaxValue).Select(s => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000L + s % 200_000_000));

    private static Gen<string> Expression()
    {
        var five = Gen.Zip(Field(0, 59), Field(0, 23)).Zip(Gen.Zip(Days(), Gen.Zip(Months(), Weekdays())));
        var text = five.Select(f => $"{f.Item1.Item1} {f.Item1.Item2} {f.Item2.Item1} {f.Item2.Item2.Item1} {f.Item2.Item2.Item2}");
        return Gen.OneOf(text, Gen.Zip(Field(0, 59), text).Select(p => $"{p.Item1} {p.Item2}"));
    }

    private static Gen<string> Days() => Gen.Frequency((4, Gen.Constant("*")), (1, Field(1, 28)));

    private static Gen<string> Months() => Gen.Frequency((4, Gen.Constant("*")), (1, Field(1, 12)), (1, Gen.Elements("MAR", "oct", "JAN-JUN")));

    private static Gen<string> Weekdays() => Gen.Frequency((4, Gen.Constant("*")), (1, Field(0, 6)), (1, Gen.Elements("MON", "sun", "MON-FRI")));

    private static Gen<string> Field(int min, int max)
    {
        var value = Gen.Choose(min, max).Select(Text);
        var range = Gen.Zip(Gen.Choose(min, max), Gen.Choose(min, max))
            .Select(p => $"{Text(Math.Min(p.Item1, p.Item2))}-{Text(Math.Max(p.Item1, p.Item2))}");
        var step = Gen.Zip(Gen.OneOf(Gen.Constant("*"), range), Gen.Choose(1, Math.Max(2, max / 2))).Select(p => $"{p.Item1}/{Text(p.Item2)}");
        var item = Gen.Frequency((3, value), (1, range), (1, step));
        var list = Gen.Zip(Gen.OneOf(value, range), Gen.OneOf(value, range)) // Cronos has no wildcards in lists
            .Select(p => $"{p.Item1},{p.Item2}");
        return Gen.Frequency((2, Gen.Constant("*")), (4, item), (1, list));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
