using Autom8.Scheduling.Schedules;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Scheduling.Tests.Schedules;

public sealed class ScheduleLawTests
{
    private static readonly string[] Zones =
    [
        "UTC",
        "Europe/Warsaw",
        "America/New_York",
        "Europe/Dublin",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "America/Santiago",
    ];

    [Property(MaxTest = 1_000)]
    public Property What_is_written_is_read_back() =>
        Prop.ForAll(
            Cases(),
            one =>
                one.Schedule.Equals(Schedule.Parse(one.Schedule.ToString(), one.Schedule.TimeZone, "seed")).Label(one.Schedule.ToString())
        );

    [Property(MaxTest = 1_000)]
    public Property Next_is_strictly_forward_and_skips_nothing() =>
        Prop.ForAll(
            Cases(),
            one =>
            {
                var (schedule, after) = one;
                if (schedule.Next(after) is not { } next)
                    return (schedule.Next(after.AddDays(5)) is null).Label($"{schedule} begins again");
                bool forward = next > after && next.Offset == TimeSpan.Zero && next.Ticks % TimeSpan.TicksPerMillisecond == 0;
                // From wherever in between it is asked, it is the same that comes next.
                var middle = after + (next - after) / 3;
                bool skipsNothing = schedule.Next(middle) == next && schedule.Next(next.AddTicks(-1)) == next;
                bool goesOn = !(schedule.Next(next) <= next);
                return (forward && skipsNothing && goesOn).Label($"{schedule} in {schedule.TimeZone} after {after:O}: {next:O}");
            }
        );

    [Property(MaxTest = 500)]
    public Property Between_can_be_cut_anywhere_and_loses_nothing() =>
        Prop.ForAll(
            Cases(),
            one =>
            {
                var (schedule, after) = one;
                var whole = schedule.Between(after, after.AddDays(40)).Take(50).ToList();
                var until = whole.Count > 0 ? whole[^1] : after;
                var cut = after + (until - after) / 2;
                var pieces = schedule.Between(after, cut).Concat(schedule.Between(cut, until));
                bool ordered = whole.Zip(whole.Skip(1)).All(pair => pair.First < pair.Second);
                return (ordered && whole.SequenceEqual(pieces)).Label($"{schedule} after {after:O}");
            }
        );

    [Property(MaxTest = 500)]
    public Property Or_is_the_earlier_of_both() =>
        Prop.ForAll(
            Gen.Zip(Simple("Europe/Warsaw"), Gen.Zip(Simple("Europe/Warsaw"), Instant())).ToArbitrary(),
            one =>
            {
                var (left, (right, after)) = one;
                DateTimeOffset?[] both = [left.Next(after), right.Next(after)];
                return (left.Or(right).Next(after) == both.Min()).Label($"{left} or {right}");
            }
        );

    [Property(MaxTest = 500)]
    public Property ExceptOn_leaves_out_the_dates_and_nothing_else() =>
        Prop.ForAll(
            Gen.Zip(Gen.Elements(Zones).SelectMany(Simple), Instant()).ToArbitrary(),
            one =>
            {
                var (schedule, after) = one;
                var zone = TimeZoneInfo.FindSystemTimeZoneById(schedule.IsZoned ? schedule.TimeZone : "UTC");
                DateOnly LocalDate(DateTimeOffset at) => DateOnly.FromDateTime((at + zone.GetUtcOffset(at)).UtcDateTime);
                DateOnly[] dates = [LocalDate(after).AddDays(1), LocalDate(after).AddDays(2)];
                var until = after.AddDays(4);
                var expected = schedule.Between(after, until).Where(at => !dates.Contains(LocalDate(at))).Take(100);
                return expected
                    .SequenceEqual(schedule.ExceptOn(dates).Between(after, until).Take(100))
                    .Label($"{schedule} in {zone.Id} after {after:O}");
            }
        );

    [Property(MaxTest = 500)]
    public Property Jitter_keeps_the_order_and_the_number() =>
        Prop.ForAll(
            Gen.Zip(Gen.Elements(Zones).SelectMany(Simple), Gen.Zip(Instant(), Gen.Choose(1, 100_000))).ToArbitrary(),
            one =>
            {
                var (schedule, (after, milliseconds)) = one;
                var max = TimeSpan.FromMilliseconds(milliseconds);
                var moved = schedule.WithJitter(max, "seed");
                if (schedule.Next(after) is not { } first)
                    return true.ToProperty();
                var plain = schedule.Between(first.AddTicks(-1), DateTimeOffset.MaxValue).Take(20).ToList();
                var late = moved.Between(first.AddTicks(-1), DateTimeOffset.MaxValue).SkipWhile(at => at < first).Take(20).ToList();
                // What was due before may still be to come; it lies before the first.
                return (late.Count == plain.Count && plain.Zip(late).All(p => p.Second >= p.First && p.Second < p.First + max)).Label(
                    $"{moved} after {after:O}"
                );
            }
        );

    private static Arbitrary<(Schedule Schedule, DateTimeOffset After)> Cases() =>
        Gen.Zip(Gen.Elements(Zones).SelectMany(zone => Combined(zone)), Instant()).Select(pair => (pair.Item1, pair.Item2)).ToArbitrary();

    private static Gen<Schedule> Combined(string zone)
    {
        var simple = Simple(zone);
        var either = Gen.Zip(simple, simple).Select(pair => pair.Item1.Or(pair.Item2));
        var one = Gen.Frequency((3, simple), (1, either)).Select(s => s.In(TimeZoneInfo.FindSystemTimeZoneById(zone)));
        var except = Gen.Zip(one, Gen.Choose(0, 1_500))
            .Select(pair => pair.Item1.ExceptOn(new DateOnly(2026, 1, 1).AddDays(pair.Item2), new DateOnly(2026, 5, 1)));
        var all = Gen.OneOf(one, except, Gen.Zip(simple, except).Select(pair => pair.Item1.Or(pair.Item2)));
        return Gen.OneOf(
            all,
            Gen.Zip(all, Gen.Choose(1, 100_000)).Select(pair => pair.Item1.WithJitter(TimeSpan.FromMilliseconds(pair.Item2), "seed"))
        );
    }

    private static Gen<Schedule> Simple(string zone)
    {
        var time = Gen.Choose(0, 86_399).Select(second => new TimeOnly(second / 3600, second / 60 % 60, second % 2 == 0 ? 0 : second % 60));
        var every = Gen.Choose(100, 200_000_000).Select(ms => Schedule.Every(TimeSpan.FromMilliseconds(ms)));
        var from = Gen.Zip(Gen.Choose(100, 200_000_000), Instant())
            .Select(pair => Schedule.Every(TimeSpan.FromMilliseconds(pair.Item1), pair.Item2));
        var day = Gen.Choose(1, 31).SelectMany(d => Gen.Elements(d, -d));
        return Gen.OneOf(
            every,
            from,
            Instant().Select(Schedule.Once),
            time.Select(at => Schedule.Daily(at, zone)),
            Gen.Zip(day, Gen.Zip(time, Gen.Choose(1, 30))).Select(m => Schedule.Monthly(m.Item1, m.Item2.Item1, zone, m.Item2.Item2)),
            Gen.Elements(
                    "*/15 * * * *",
                    "30 2 * * *",
                    "H H * * *",
                    "0 0 L * *",
                    "*/20 1-3 * * *",
                    "0 9 * * MON#1",
                    "H/10 0-23/2 15W * ?",
                    "@weekly",
                    "*/7 * * * * *"
                )
                .Select(text => Schedule.Cron(text, zone, "seed"))
        );
    }

    private static Gen<DateTimeOffset> Instant() =>
        Gen.Zip(Gen.Choose(0, 1_500 * 86_400), Gen.Choose(0, 9_999_999))
            .Select(pair => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(pair.Item1).AddTicks(pair.Item2));
}
