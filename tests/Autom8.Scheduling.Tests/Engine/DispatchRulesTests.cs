using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Tests.Engine;

/// <summary>The decision table over the whole product of its inputs; each claim is checked on every combination.</summary>
public sealed class DispatchRulesTests
{
    private const int MaxAttempts = 3;
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 7, 30, TimeSpan.Zero);
    private static readonly TimeSpan Threshold = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly DispatchRules Rules = new(Threshold, MaxAttempts, Lease, "node");
    private static readonly CronSchedule EveryMinute = CronSchedule.Parse("* * * * *");

    private static readonly List<(DueTask Due, DispatchStep? Step)> All = [.. Combinations().Select(d => (d, Rules.Decide(d, Now)))];

    private static IEnumerable<DueTask> Combinations()
    {
        RunLease?[] leases = [null, .. from attempt in (int[])[1, 2, 3] from until in (int[])[1, 0, -5] select Held(attempt, until)];
        DateTimeOffset?[] slots = [null, Now.AddTicks(1), Now, Now.AddSeconds(-30), Now - Threshold, Now.AddSeconds(-61), Now.AddYears(-1)];
        (DateTimeOffset?, DateTimeOffset?)[] lastRuns =
        [
            (null, null),
            (Now.AddSeconds(-70), Now.AddSeconds(-10)),
            (Now.AddSeconds(-30), Now.AddSeconds(-20)),
            (Now.AddSeconds(-40), Now.AddSeconds(-30)),
        ];
        return from lease in leases
            from triggered in (DateTimeOffset?[])[null, Now.AddSeconds(-3)]
            from enabled in (bool[])[true, false]
            from slot in slots
            from misfire in (MisfirePolicy[])[MisfirePolicy.Skip, MisfirePolicy.Once]
            from last in lastRuns
            from readable in (bool[])[true, false]
            select new DueTask(Draft(enabled, slot, misfire, last.Item1, readable), triggered, last.Item2, 7, lease);
    }

    [Fact]
    public void A_live_lease_is_left_alone() => Every(d => d.Lease?.Until > Now, (_, step) => Assert.Null(step));

    [Fact]
    public void An_expired_lease_is_abandoned_and_its_occurrence_begun_again_within_the_bound() =>
        Every(
            d => d.Lease?.Until <= Now,
            (d, step) =>
            {
                Assert.Equal(d.Lease!.ExecutionId, step!.Abandoned);
                Assert.Equal(d.Task.NextRun, step.After.Task.NextRun);
                Assert.Equal(d.TriggeredAt, step.After.TriggeredAt);
                if (d.Task.Enabled && d.Lease.Attempt < MaxAttempts)
                {
                    Assert.Equal(DispatchKind.Run, step.Kind);
                    Assert.Equal((d.Lease.ScheduledAt, d.Lease.Attempt + 1), (step.Begun!.ScheduledAt, step.Begun.Attempt));
                }
                else
                {
                    Assert.Equal(DispatchKind.GiveUp, step.Kind);
                    Assert.Null(step.After.Lease);
                    Assert.Equal(ScheduledTaskStatus.Failed, step.After.Task.Status);
                }
            }
        );

    [Fact]
    public void A_trigger_runs_once_and_leaves_the_schedule_as_it_is() =>
        Every(
            d => d.Lease is null && d.TriggeredAt is not null,
            (d, step) =>
            {
                Assert.Equal(DispatchKind.Run, step!.Kind);
                Assert.Equal((d.TriggeredAt, 1), (step.Begun!.ScheduledAt, step.Begun.Attempt));
                Assert.Null(step.After.TriggeredAt);
                Assert.Equal(d.Task.NextRun, step.After.Task.NextRun);
            }
        );

    [Fact]
    public void Nothing_runs_early_or_while_paused() =>
        Every(
            d => d is { Lease: null, TriggeredAt: null } && (!d.Task.Enabled || d.Task.NextRun is null || d.Task.NextRun > Now),
            (_, step) => Assert.Null(step)
        );

    [Fact]
    public void An_unreadable_schedule_fails_for_all_to_see_and_waits_for_a_change() =>
        Every(
            d => IsDue(d) && d.Task.TimeZone != "UTC",
            (_, step) =>
            {
                Assert.Equal(DispatchKind.Fault, step!.Kind);
                Assert.Equal(ExecutionStatus.Failed, step.Begun!.Status);
                Assert.Contains("The time zone is not known", step.Begun.ErrorMessage, StringComparison.Ordinal);
                Assert.Null(step.After.Task.NextRun);
                Assert.Null(step.After.Lease);
            }
        );

    [Fact]
    public void An_occurrence_that_fell_into_the_last_run_is_left_out() =>
        Every(
            d => IsReadable(d) && Overlaps(d),
            (d, step) =>
            {
                Assert.Equal(DispatchKind.SkipOverlap, step!.Kind);
                Assert.Equal(EveryMinute.Next(d.LastCompleted!.Value), step.After.Task.NextRun);
            }
        );

    [Fact]
    public void An_occurrence_within_the_threshold_runs_and_the_next_one_follows_it() =>
        Every(
            d => IsReadable(d) && !Overlaps(d) && Now - d.Task.NextRun <= Threshold,
            (d, step) =>
            {
                Assert.Equal(DispatchKind.Run, step!.Kind);
                Assert.Equal((d.Task.NextRun, 1), (step.Begun!.ScheduledAt, step.Begun.Attempt));
                Assert.Equal(EveryMinute.Next(d.Task.NextRun!.Value), step.After.Task.NextRun);
            }
        );

    [Fact]
    public void However_much_was_missed_is_one_run_or_none_and_the_schedule_goes_on_from_now() =>
        Every(
            d => IsReadable(d) && !Overlaps(d) && Now - d.Task.NextRun > Threshold,
            (d, step) =>
            {
                Assert.Equal(d.Task.Misfire == MisfirePolicy.Once ? DispatchKind.Run : DispatchKind.SkipMisfire, step!.Kind);
                Assert.Equal(d.Task.Misfire == MisfirePolicy.Once ? d.Task.NextRun : null, step.Begun?.ScheduledAt);
                Assert.Equal(EveryMinute.Next(Now), step.After.Task.NextRun);
            }
        );

    [Fact]
    public void Every_run_has_a_higher_claim_and_a_lease_of_its_own() =>
        Every(
            d => Rules.Decide(d, Now)?.Kind == DispatchKind.Run,
            (d, step) =>
            {
                Assert.Equal((d.Claim + 1, d.Claim + 1), (step!.Begun!.Claim, step.After.Claim));
                Assert.Equal(new RunLease(step.Begun.Id, step.Begun.ScheduledAt, step.Begun.Attempt, Now + Lease), step.After.Lease);
                Assert.NotEqual(d.Lease?.ExecutionId, step.Begun.Id);
                Assert.Equal((ScheduledTaskStatus.Running, Now), (step.After.Task.Status, step.After.Task.LastRun));
                Assert.Equal(("node", Now, ExecutionStatus.Running), (step.Begun.Node, step.Begun.StartedAt, step.Begun.Status));
            }
        );

    [Fact]
    public void A_year_of_missed_minutes_is_decided_in_one_step()
    {
        var due = new DueTask(Draft(true, Now.AddYears(-1), MisfirePolicy.Once, null, readable: true), null, null, 0, null);
        var step = Rules.Decide(due, Now)!;
        Assert.Null(Rules.Decide(step.After with { Lease = null }, Now));
    }

    private static bool IsDue(DueTask d) => d is { Lease: null, TriggeredAt: null, Task.Enabled: true } && d.Task.NextRun <= Now;

    private static bool IsReadable(DueTask d) => IsDue(d) && d.Task.TimeZone == "UTC";

    private static bool Overlaps(DueTask d) => d.Task.LastRun <= d.Task.NextRun && d.Task.NextRun < d.LastCompleted;

    private static void Every(Func<DueTask, bool> where, Action<DueTask, DispatchStep?> claim)
    {
        var cases = All.Where(c => where(c.Due)).ToList();
        Assert.NotEmpty(cases);
        foreach (var (due, step) in cases)
            claim(due, step);
    }

    private static RunLease Held(int attempt, int seconds) =>
        new(Guid.CreateVersion7(Now), Now.AddMinutes(-5), attempt, Now.AddSeconds(seconds));

    private static ScheduledTask Draft(bool enabled, DateTimeOffset? slot, MisfirePolicy misfire, DateTimeOffset? lastRun, bool readable) =>
        new()
        {
            Id = Guid.CreateVersion7(Now),
            Name = "task",
            Job = "job",
            Schedule = "* * * * *",
            TimeZone = readable ? "UTC" : "Mars/Olympus",
            Enabled = enabled,
            Misfire = misfire,
            Version = 1,
            LastRun = lastRun,
            NextRun = slot,
            CreatedAt = Now,
            UpdatedAt = Now,
        };
}
