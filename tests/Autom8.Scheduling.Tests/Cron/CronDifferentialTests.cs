using System.Collections.Concurrent;
using System.Globalization;
using Autom8.Scheduling.Cron;
using Cronos;

namespace Autom8.Scheduling.Tests.Cron;

/// <summary>
/// Cronos beside ours in every zone, at instants of which most lie near a clock change. Left out are the zones in which Cronos is wrong: those with negative daylight saving time.
/// With AUTOM8_LONG=1 it is ten million samples.
/// </summary>
public sealed class CronDifferentialTests
{
    private const int SamplesPerExpression = 40;
    private const int Shown = 10;
    private const long MostMemory = 512 << 20; // of the whole test run: however many samples
    private static readonly int Samples = Environment.GetEnvironmentVariable("AUTOM8_LONG") == "1" ? 10_000_000 : 40_000;
    private static readonly string[] Wrong = ["Europe/Dublin", "Africa/Casablanca", "Africa/El_Aaiun"];

    [Fact]
    public void Cronos_agrees_in_every_zone()
    {
        var wrong = Wrong.Select(TimeZoneInfo.FindSystemTimeZoneById).ToList();
        var zones = TimeZoneInfo.GetSystemTimeZones().Where(zone => !wrong.Any(zone.HasSameRules)).ToArray();
        var differences = new ConcurrentBag<string>();
        Parallel.For(
            0,
            Samples / SamplesPerExpression,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            (seed, loop) =>
            {
                if (differences.Count >= Shown)
                {
                    loop.Stop();
                    return;
                }

                var random = new Random(seed);
                Compare(zones[random.Next(zones.Length)], random, differences);
            }
        );
        Assert.Empty(differences.Take(Shown));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, MostMemory);
    }

    private static void Compare(TimeZoneInfo zone, Random random, ConcurrentBag<string> differences)
    {
        string text = Expression(random);
        var format = text.Split(' ').Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
        var oracle = CronExpression.Parse(text, format);
        var schedule = CronSchedule.Parse(text, zone);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        long from = start.ToUnixTimeSeconds();
        var changes = ZoneOffsets
            .Of(zone)
            .Covering(from, from + 6 * 366 * 86_400L)
            .Segments.Select(s => s.At)
            .Where(at => at > from && at < from + 5 * 366 * 86_400L)
            .ToArray();
        for (int i = 0; i < SamplesPerExpression; i++)
        {
            var after =
                changes.Length > 0 && random.Next(4) > 0
                    ? DateTimeOffset.FromUnixTimeSeconds(changes[random.Next(changes.Length)] + random.Next(-30_000, 30_000))
                    : start.AddSeconds(random.Next(0, 5 * 365 * 86_400));
            var expected = oracle.GetNextOccurrence(after, zone);
            var actual = schedule.Next(after);
            // Cronos gives up before the year 2100.
            if (expected?.UtcTicks != actual?.UtcTicks && (expected is not null || actual?.Year < 2099))
                differences.Add($"{text} in {zone.Id} after {after:u}: {actual:u}, Cronos says {expected?.ToUniversalTime():u}");
        }
    }

    private static string Expression(Random random)
    {
        string day = random.Next(3) > 0 ? "*" : Pick(random, "L", "LW", "L-3", "15W", "1W", "31", "29", "28-31", "*/10", "1,15", "?");
        string weekday =
            random.Next(3) > 0 ? "*" : Pick(random, "1-5", "SUN", "0", "7", "5L", "0L", "1#1", "FRI#2", "3#5", "SAT,SUN", "6-1");
        string month = random.Next(4) > 0 ? "*" : Pick(random, "3", "10,11", "MAR-APR", "2", "*/2", "9-4");
        string five = $"{Field(random, 59)} {Field(random, 23)} {day} {month} {weekday}";
        return random.Next(3) > 0 ? five : $"{Field(random, 59)} {five}";
    }

    private static string Field(Random random, int max) =>
        random.Next(7) switch
        {
            0 or 1 => "*",
            2 => string.Create(CultureInfo.InvariantCulture, $"*/{random.Next(1, max)}"),
            3 => string.Create(CultureInfo.InvariantCulture, $"{random.Next(0, max / 2)}-{random.Next(max / 2, max + 1)}"),
            4 => string.Create(CultureInfo.InvariantCulture, $"{random.Next(0, max + 1)},{random.Next(0, max + 1)}"),
            5 => random.Next(0, 4).ToString(CultureInfo.InvariantCulture), // the hours in which clocks change
            _ => random.Next(0, max + 1).ToString(CultureInfo.InvariantCulture),
        };

    private static string Pick(Random random, params string[] texts) => texts[random.Next(texts.Length)];
}
