using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Tests.Engine;

/// <summary>The decision table over the whole product of its inputs; each claim is checked on every combination.</summary>
public sealed class SlotRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 7, 30, TimeSpan.Zero);
    private static readonly TimeSpan Threshold = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1.5);
    private static readonly SlotRules Rules = new(Threshold, Ahead);
    private static readonly CronSchedule EveryMinute = CronSchedule.Parse("* * * * *");

    private static readonly List<(DueTask Due, SlotStep? Step)> All = [.. Combinations().Select(d => (d, Rules.Decide(d, Now)))];

    private static IEnumerable<DueTask> Combinations()
    {
        DateTimeOffset?[] slots =
        [
            null,
            (Now + Ahead).AddTicks(1),
            Now + Ahead,
            Now,
            Now.AddSeconds(-30),
            Now - Threshold,
            Now.AddSeconds(-61),
            Now.AddYears(-1),
        ];
        return from enabled in (bool[])[true, false]
            from slot in slots
            from misfire in Enum.GetValues<MisfirePolicy>()
            from overlap in Enum.GetValues<OverlapPolicy>()
            from maxActive in (int[])[1, 2]
            from active in (int[])[0, 1, 2, 3]
            from zone in (string[])["UTC", "Mars/Olympus"]
            select new DueTask(
                Draft(slot) with
                {
                    Enabled = enabled,
                    Misfire = misfire,
                    Overlap = overlap,
                    MaxActive = maxActive,
                    TimeZone = zone,
                },
                active
            );
    }

    [Fact]
    public void Nothing_becomes_a_job_too_early_or_while_paused() =>
        Every(d => !d.Task.Enabled || d.Task.NextRun is null || d.Task.NextRun > Now + Ahead, (_, step) => Assert.Null(step));

    [Fact]
    public void An_unreadable_schedule_fails_for_all_to_see_and_waits_for_a_change() =>
        Every(
            d => IsNear(d) && d.Task.TimeZone != "UTC",
            (d, step) =>
            {
                Assert.Equal((SlotKind.Fault, null), (step!.Kind, step.NextRun));
                Assert.Equal([d.Task.NextRun!.Value], step.Slots);
                Assert.Contains("The time zone is not known", step.Fault, StringComparison.Ordinal);
            }
        );

    [Fact]
    public void An_occurrence_that_there_is_no_room_for_waits_until_it_is_due() =>
        Every(d => IsReadable(d) && !HasRoom(d) && d.Task.NextRun > Now, (_, step) => Assert.Null(step));

    [Fact]
    public void An_overlap_is_as_its_policy_says() =>
        Every(
            d => IsReadable(d) && !HasRoom(d) && d.Task.NextRun <= Now && !IsMadeUpFor(d),
            (d, step) =>
            {
                if (d.Task.Overlap == OverlapPolicy.Queue || d.Task.Misfire == MisfirePolicy.All)
                {
                    Assert.Null(step);
                    return;
                }

                var replaces = d.Task.Overlap == OverlapPolicy.Replace;
                Assert.Equal(replaces ? SlotKind.Replace : SlotKind.SkipOverlap, step!.Kind);
                Assert.Equal(replaces ? [d.Task.NextRun!.Value] : [], step.Slots);
                Assert.Equal(EveryMinute.Next(Now), step.NextRun);
            }
        );

    [Fact]
    public void An_occurrence_within_the_threshold_becomes_a_job_and_the_schedule_goes_on_after_it() =>
        Every(
            d => IsReadable(d) && HasRoom(d) && !IsMissed(d),
            (d, step) =>
            {
                Assert.Equal(SlotKind.Run, step!.Kind);
                Assert.Equal(d.Task.NextRun, step.Slots[0]);
                Assert.InRange(step.Slots.Count, 1, d.Task.MaxActive - d.Active);
                Assert.All(step.Slots, slot => Assert.True(slot <= Now + Ahead));
                Assert.Equal(step.Slots.Distinct().Order(), step.Slots);
                Assert.Equal(EveryMinute.Next(step.Skipped == 0 ? step.Slots[^1] : Now), step.NextRun);
                Assert.True(step.Skipped == 0 || d.Task.Overlap == OverlapPolicy.Queue);
            }
        );

    [Fact]
    public void However_much_was_missed_is_one_run_or_none_and_the_schedule_goes_on_from_now() =>
        Every(
            d => IsReadable(d) && HasRoom(d) && IsMissed(d) && !IsMadeUpFor(d),
            (d, step) =>
            {
                // One that waited for its turn was not missed.
                var runs = d.Task.Misfire == MisfirePolicy.Once || d.Task.Overlap == OverlapPolicy.Queue;
                Assert.Equal(runs ? SlotKind.Run : SlotKind.SkipMisfire, step!.Kind);
                Assert.Equal(runs ? [d.Task.NextRun!.Value] : [], step.Slots);
                Assert.Equal(EveryMinute.Next(Now), step.NextRun);
            }
        );

    [Fact]
    public void What_is_made_up_for_waits_for_room_whatever_the_overlap_policy() =>
        Every(
            d => IsReadable(d) && IsMadeUpFor(d),
            (d, step) =>
            {
                var room = Math.Max(d.Task.MaxActive - d.Active, 0);
                Assert.Equal(room, step?.Slots.Count(s => s <= Now) ?? 0);
                Assert.True(step is null or { Kind: SlotKind.Run or SlotKind.SkipMisfire });
                Assert.All(step?.Slots ?? [], slot => Assert.InRange(slot, Now - d.Task.MisfireWindow, Now));
                Assert.True(step is null || step.NextRun > (step.Slots.Count > 0 ? step.Slots[^1] : d.Task.NextRun));
            }
        );

    [Theory]
    [InlineData(100, 1_440, 0, 10, 10, "09:58", "10:08", 0)] // all ten
    [InlineData(3, 1_440, 0, 10, 3, "10:05", "10:08", 1)] // the latest three
    [InlineData(100, 5, 0, 10, 5, "10:03", "10:08", 1)] // those of the last five minutes
    [InlineData(100, 1_440, 0, 4, 4, "09:58", "10:02", 0)] // as many as there is room for
    [InlineData(100, 1_440, 3, 4, 1, "09:58", "09:59", 0)]
    [InlineData(3, 1_440, 1, 1, 0, null, "10:05", 1)] // no room, yet some are out of bounds for good
    [InlineData(3, 5, 0, 1, 1, "10:05", "10:06", 1)]
    public void What_was_missed_is_made_up_for_oldest_first_within_limit_window_and_room(
        int limit,
        int window,
        int active,
        int maxActive,
        int count,
        string? first,
        string next,
        int skipped
    )
    {
        var task = Draft(At("09:58")) with
        {
            Misfire = MisfirePolicy.All,
            MisfireLimit = limit,
            MisfireWindow = TimeSpan.FromMinutes(window),
            MaxActive = maxActive,
        };
        var step = Rules.Decide(new(task, active), Now)!;
        Assert.Equal(count > 0 ? SlotKind.Run : SlotKind.SkipMisfire, step.Kind);
        Assert.Equal(Enumerable.Range(0, count).Select(i => At(first!).AddMinutes(i)), step.Slots);
        Assert.Equal((At(next), skipped), (step.NextRun, step.Skipped));
    }

    [Fact]
    public void Nothing_is_made_up_for_when_all_of_it_is_out_of_the_window()
    {
        var task = Draft(At("08:00")) with { Schedule = "0 * * * *", Misfire = MisfirePolicy.All, MisfireWindow = TimeSpan.FromMinutes(1) };
        var step = Rules.Decide(new(task, 0), Now)!;
        Assert.Equal((SlotKind.SkipMisfire, At("11:00")), (step.Kind, step.NextRun));
        Assert.Empty(step.Slots);
    }

    [Fact]
    public void A_year_of_missed_minutes_is_decided_in_one_step()
    {
        var task = Draft(Now.AddYears(-1));
        var step = Rules.Decide(new(task, 0), Now)!;
        Assert.Null(Rules.Decide(new(task with { NextRun = step.NextRun }, 1), Now));
    }

    private static bool IsNear(DueTask d) => d.Task.Enabled && d.Task.NextRun <= Now + Ahead;

    private static bool IsReadable(DueTask d) => IsNear(d) && d.Task.TimeZone == "UTC";

    private static bool HasRoom(DueTask d) => d.Active < d.Task.MaxActive;

    private static bool IsMissed(DueTask d) => Now - d.Task.NextRun > Threshold;

    private static bool IsMadeUpFor(DueTask d) => IsMissed(d) && d.Task.Misfire == MisfirePolicy.All;

    private static void Every(Func<DueTask, bool> where, Action<DueTask, SlotStep?> claim)
    {
        var cases = All.Where(c => where(c.Due)).ToList();
        Assert.NotEmpty(cases);
        foreach (var (due, step) in cases)
            claim(due, step);
    }

    private static DateTimeOffset At(string time) =>
        new(Now.Date + TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero);

    private static ScheduledTask Draft(DateTimeOffset? slot) =>
        new()
        {
            Id = Guid.CreateVersion7(Now),
            Name = "task",
            Job = "job",
            Schedule = "* * * * *",
            Version = 1,
            NextRun = slot,
            CreatedAt = Now,
            UpdatedAt = Now,
        };
}
