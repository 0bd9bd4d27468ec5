using System.Text.Json;
using Autom8.Scheduling.Alerts;

namespace Autom8.Scheduling.Tests.Alerts;

public sealed class AlertRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private static readonly AlertSubject Subject = new(Guid.Parse("01900000-0000-7000-8000-000000000001"), "invoices", "billing");

    private readonly List<SchedulerAlert> _told = [];
    private AlertState _state;
    private AlertPolicy _policy = AlertPolicy.Default;

    [Fact]
    public void The_first_failure_alerts_further_ones_do_not_and_the_success_after_them_is_told_once()
    {
        Report(0, RunReportOutcome.Succeeded);
        Report(1, RunReportOutcome.Failed);
        Report(2, RunReportOutcome.Failed);
        Report(3, RunReportOutcome.Failed);
        Report(4, RunReportOutcome.Succeeded);
        Report(5, RunReportOutcome.Succeeded);

        Assert.Equal([AlertKind.Failed, AlertKind.Recovered], _told.Select(a => a.Kind));
        Assert.Equal((1, Minute(1), Minute(1)), (_told[0].ConsecutiveFailures, _told[0].Since, _told[0].HappenedAt));
        Assert.Equal(
            (AlertKind.Failed, 3, Minute(1), Minute(4)),
            (_told[1].RecoveredFrom!.Value, _told[1].ConsecutiveFailures, _told[1].Since, _told[1].HappenedAt)
        );
    }

    [Fact]
    public void An_alert_says_what_happened_to_whom_where_and_since_when()
    {
        Report(1, RunReportOutcome.Failed);

        var alert = Assert.Single(_told);
        Assert.Equal((Subject.Id, "invoices", "billing"), (alert.TaskId, alert.TaskName, alert.Queue));
        Assert.Equal(
            ("System.TimeoutException", "too slow", "node-1", 1),
            (alert.ErrorType, alert.ErrorMessage, alert.Node, alert.Attempt)
        );
        Assert.Equal(
            "'invoices' failed: System.TimeoutException (attempt 1, due 2026-11-23 10:01:00Z, on node-1, 1 in a row since 2026-11-23 10:01:00Z)",
            alert.Text
        );
    }

    [Fact]
    public void A_retry_that_helps_wakes_nobody()
    {
        Report(1, RunReportOutcome.Failed, final: false);
        Report(2, RunReportOutcome.Abandoned, attempt: 2, final: false);
        Report(3, RunReportOutcome.Succeeded, attempt: 3);

        Assert.Empty(_told);
    }

    [Fact]
    public void Exhausted_attempts_are_dead_and_a_later_success_recovers_from_that()
    {
        Report(1, RunReportOutcome.Failed, final: false);
        Report(2, RunReportOutcome.Failed, attempt: 2);
        Report(3, RunReportOutcome.Failed, attempt: 2);
        Report(4, RunReportOutcome.Succeeded);

        Assert.Equal([AlertKind.Dead, AlertKind.Recovered], _told.Select(a => a.Kind));
        Assert.Equal(AlertKind.Dead, _told[1].RecoveredFrom);
    }

    [Fact]
    public void Where_attempts_count_the_first_one_alerts_and_the_last_one_again()
    {
        _policy = new() { OnRetry = true };
        Report(1, RunReportOutcome.Failed, final: false);
        Report(2, RunReportOutcome.Failed, attempt: 2, final: false);
        Report(3, RunReportOutcome.Abandoned, attempt: 3);

        Assert.Equal([AlertKind.Failed, AlertKind.Dead], _told.Select(a => a.Kind));
        Assert.Equal((3, Minute(1)), (_told[1].ConsecutiveFailures, _told[1].Since));
    }

    [Theory]
    [InlineData(RunReportOutcome.Cancelled)]
    [InlineData(RunReportOutcome.Skipped)]
    public void What_was_interrupted_or_left_out_neither_fails_nor_recovers(RunReportOutcome outcome)
    {
        Report(1, outcome);
        Assert.Empty(_told);

        Report(2, RunReportOutcome.Failed);
        Report(3, outcome);
        Assert.Single(_told);
    }

    [Fact]
    public void A_report_that_comes_after_newer_ones_does_not_turn_the_state_back()
    {
        Report(5, RunReportOutcome.Succeeded);
        Report(4, RunReportOutcome.Failed);
        Assert.Empty(_told);

        Report(7, RunReportOutcome.Failed);
        Report(6, RunReportOutcome.Succeeded);
        Assert.Equal([AlertKind.Failed], _told.Select(a => a.Kind));
    }

    [Fact]
    public void A_late_start_alerts_once_until_one_is_on_time_again()
    {
        _policy = new() { LateAfter = TimeSpan.FromSeconds(30) };
        Report(1, RunReportOutcome.Succeeded, late: 30);
        Report(2, RunReportOutcome.Succeeded, late: 31);
        Report(3, RunReportOutcome.Failed, late: 300);
        Report(9, RunReportOutcome.Succeeded, late: 30);

        Assert.Equal([AlertKind.Late, AlertKind.Failed, AlertKind.Recovered, AlertKind.Recovered], _told.Select(a => a.Kind));
        Assert.Equal([AlertKind.Late, AlertKind.Failed], _told.Skip(2).Select(a => a.RecoveredFrom!.Value));
        Assert.Equal("'invoices' is late: due 2026-11-23 10:02:00Z, begun 2026-11-23 10:02:31Z", _told[0].Text);
    }

    [Fact]
    public void An_occurrence_that_is_tried_again_is_not_late_for_that()
    {
        _policy = new() { LateAfter = TimeSpan.FromSeconds(30) };
        Report(1, RunReportOutcome.Cancelled);
        Report(1, RunReportOutcome.Abandoned, late: 60, final: false);
        Report(1, RunReportOutcome.Succeeded, late: 3_600, attempt: 2);

        Assert.Empty(_told);
    }

    [Fact]
    public void What_waits_too_long_is_late_before_it_begins_and_the_same_news_when_it_does()
    {
        _policy = new() { LateAfter = TimeSpan.FromSeconds(30) };
        Tick(1, waitingSince: Minute(1));
        Assert.Empty(_told);
        Tick(2, waitingSince: Minute(1));
        var started = AlertRules.Apply(default, _policy, Run(1, RunReportOutcome.Succeeded, late: 90)).Alerts.Single();
        Report(1, RunReportOutcome.Succeeded, late: 90);

        Assert.Equal(started.Fingerprint, Assert.Single(_told).Fingerprint);
        Assert.Equal("'invoices' is late: due 2026-11-23 10:01:00Z, not begun by 2026-11-23 10:02:00Z", _told[0].Text);
    }

    [Fact]
    public void No_success_for_too_long_is_missing_once_whatever_else_happens()
    {
        _policy = new() { ExpectSuccessEvery = TimeSpan.FromMinutes(10) };
        Tick(0);
        Tick(10);
        Assert.Empty(_told);
        Tick(11);
        Tick(12);
        Report(13, RunReportOutcome.Cancelled);
        Tick(14);
        Report(15, RunReportOutcome.Succeeded);
        Tick(25);
        Tick(26);

        Assert.Equal([AlertKind.Missing, AlertKind.Recovered, AlertKind.Missing], _told.Select(a => a.Kind));
        Assert.Equal([Minute(0), Minute(0), Minute(15)], _told.Select(a => a.Since));
        Assert.Equal("'invoices' is missing: no success since 2026-11-23 10:00:00Z", _told[0].Text);
        Assert.Equal("'invoices' has recovered: it was without a success since 2026-11-23 10:00:00Z", _told[1].Text);
    }

    [Fact]
    public void A_task_that_was_paused_is_given_its_time_from_when_it_is_watched_again()
    {
        _policy = new() { ExpectSuccessEvery = TimeSpan.FromMinutes(10) };
        Report(0, RunReportOutcome.Succeeded);
        _state = _state.WatchFrom(Minute(100));
        Tick(110);
        Assert.Empty(_told);
        Tick(111);
        Assert.Equal(AlertKind.Missing, Assert.Single(_told).Kind);
    }

    [Fact]
    public void Reminders_come_at_their_interval_whoever_notices_and_only_where_asked_for()
    {
        _policy = new() { RemindEvery = TimeSpan.FromMinutes(10) };
        Report(0, RunReportOutcome.Failed);
        Tick(9);
        Tick(10);
        Report(15, RunReportOutcome.Failed);
        Report(20, RunReportOutcome.Failed);
        Tick(29);
        Report(30, RunReportOutcome.Succeeded);
        Tick(99);

        Assert.Equal([(AlertKind.Failed, 0), (AlertKind.Failed, 1), (AlertKind.Failed, 2), (AlertKind.Recovered, 0)], Told());
        Assert.StartsWith("Reminder 2: 'invoices' failed: System.TimeoutException", _told[2].Text, StringComparison.Ordinal);
        Assert.Equal(4, _told.Select(a => a.Fingerprint).Distinct().Count());
    }

    [Fact]
    public void What_the_policy_no_longer_asks_for_is_forgotten_without_a_word()
    {
        _policy = new()
        {
            LateAfter = TimeSpan.Zero,
            ExpectSuccessEvery = TimeSpan.FromMinutes(1),
            RemindEvery = TimeSpan.FromMinutes(1),
        };
        Tick(0);
        Report(1, RunReportOutcome.Failed, late: 1);
        Tick(5);
        Assert.Equal(3, _told.Select(a => a.Kind).Distinct().Count());

        _told.Clear();
        _policy = new() { OnFailure = false };
        Tick(20);
        Report(21, RunReportOutcome.Succeeded);
        Assert.Empty(_told);
    }

    [Fact]
    public void A_state_that_was_exported_and_imported_goes_on_as_before()
    {
        _policy = new()
        {
            LateAfter = TimeSpan.Zero,
            ExpectSuccessEvery = TimeSpan.FromMinutes(1),
            RemindEvery = TimeSpan.FromMinutes(1),
        };
        Assert.Equal("{}", _state.Export());
        Report(0, RunReportOutcome.Succeeded);
        Report(1, RunReportOutcome.Failed, attempt: 3, late: 7);
        Tick(5);

        Assert.Equal(_state, AlertState.Import(_state.Export()));
        Assert.Equal(default, AlertState.Import("""{"fromAnotherVersion":[1]}"""));
        Assert.Throws<JsonException>(() => AlertState.Import("["));
    }

    [Fact]
    public void Nothing_new_allocates_nothing()
    {
        _policy = new() { LateAfter = TimeSpan.FromMinutes(1), ExpectSuccessEvery = TimeSpan.FromMinutes(9) };
        var report = Run(1, RunReportOutcome.Succeeded);
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Round()
        {
            for (int i = 0; i < 100; i++)
            {
                var state = AlertRules.Apply(default, _policy, report).State;
                _ = AlertRules.Tick(state, _policy, Subject, Minute(2));
            }
        }
    }

    private List<(AlertKind, int)> Told() => [.. _told.Select(a => (a.Kind, a.Reminder))];

    private static DateTimeOffset Minute(int minute) => Start.AddMinutes(minute);

    private static RunReport Run(int minute, RunReportOutcome outcome, int attempt = 1, bool final = true, int late = 0) =>
        new()
        {
            Subject = Subject,
            ScheduledAt = Minute(minute),
            StartedAt = outcome == RunReportOutcome.Skipped ? null : Minute(minute).AddSeconds(late),
            CompletedAt = Minute(minute).AddSeconds(late),
            Outcome = outcome,
            ErrorType = outcome == RunReportOutcome.Failed ? "System.TimeoutException" : null,
            ErrorMessage = outcome == RunReportOutcome.Failed ? "too slow" : null,
            Attempt = attempt,
            IsFinal = final,
            Node = "node-1",
        };

    private void Report(int minute, RunReportOutcome outcome, int attempt = 1, bool final = true, int late = 0) =>
        Take(AlertRules.Apply(_state, _policy, Run(minute, outcome, attempt, final, late)));

    private void Tick(int minute, DateTimeOffset? waitingSince = null) =>
        Take(AlertRules.Tick(_state, _policy, Subject, Minute(minute), waitingSince));

    private void Take(AlertTransition transition)
    {
        _state = transition.State;
        _told.AddRange(transition.Alerts);
    }
}
