namespace Autom8.Scheduling.Alerts;

/// <summary>Decides what people are told of a task: pure functions of what is remembered, the policy, and what happened.</summary>
/// <remarks>
/// Alerts are on the edge. A problem is told once when it begins, again only where <see cref="AlertPolicy.RemindEvery"/> asks for it, and once when it is over; a
/// task's failing, lateness and lack of success are three problems that begin and end by themselves. What has become stale is left out: a failure that was completed
/// before the last success, a success before the last failure, the start of an occurrence older than the last one judged. A problem that the policy
/// no longer asks for is forgotten without a word.
/// </remarks>
public static class AlertRules
{
    /// <summary>Takes a finished run into account.</summary>
    public static AlertTransition Apply(AlertState state, AlertPolicy policy, RunReport report)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(report);
        var news = new AlertNews(Forget(state, policy), policy, report.Subject);
        if (policy.LateAfter is { } lateAfter && report.StartedAt is { } started && !(report.ScheduledAt <= state.JudgedUntil))
        {
            Begun(ref news, report, started, lateAfter);
        }

        if (report.Outcome == RunReportOutcome.Succeeded)
        {
            Succeeded(ref news, report);
        }
        else if (IsFailure(policy, report))
        {
            Failed(ref news, report);
        }

        return news.Transition;
    }

    /// <summary>Looks for what did not happen. To be called now and then, for tasks that are not paused; how often bounds how late its alerts are.</summary>
    /// <param name="state">What is remembered of the task.</param>
    /// <param name="policy">What people are told of it.</param>
    /// <param name="subject">The task.</param>
    /// <param name="now">The store's time.</param>
    /// <param name="waitingSince">The task's oldest occurrence that is due and has not begun, if there is one.</param>
    public static AlertTransition Tick(
        AlertState state,
        AlertPolicy policy,
        AlertSubject subject,
        DateTimeOffset now,
        DateTimeOffset? waitingSince = null
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        var news = new AlertNews(Forget(state, policy), policy, subject);
        if (policy.ExpectSuccessEvery is { } every)
        {
            Expect(ref news, every, now);
        }

        if (news.State.Lateness is null && waitingSince is { } slot && now - slot > policy.LateAfter)
        {
            news.State = news.State with { Lateness = news.Open(AlertKind.Late, slot, now, slot) };
        }

        Remind(ref news, now);
        return news.Transition;
    }

    private static AlertState Forget(AlertState state, AlertPolicy policy)
    {
        if (!policy.OnFailure && state.Failure is not null)
        {
            state = state with { Failure = null, IsDead = false };
        }

        if (policy.LateAfter is null && state.Lateness is not null)
        {
            state = state with { Lateness = null };
        }

        if (policy.ExpectSuccessEvery is null && (state.Absence is not null || state.WatchedSince is not null))
        {
            state = state with { Absence = null, WatchedSince = null };
        }

        return state;
    }

    private static bool IsFailure(AlertPolicy policy, RunReport report) =>
        report.Outcome is RunReportOutcome.Failed or RunReportOutcome.Abandoned && (report.IsFinal || policy.OnRetry);

    private static void Begun(ref AlertNews news, RunReport report, DateTimeOffset started, TimeSpan lateAfter)
    {
        bool late = started - report.ScheduledAt > lateAfter;
        news.State = (late, news.State.Lateness) switch
        {
            (true, null) => news.State with { Lateness = news.Open(AlertKind.Late, report.ScheduledAt, started, report) },
            (false, { } over) => news.State with { Lateness = news.Close(AlertKind.Late, over, started) },
            _ => news.State,
        };
        news.State = news.State with { JudgedUntil = report.ScheduledAt };
    }

    private static void Succeeded(ref AlertNews news, RunReport report)
    {
        var completed = report.CompletedAt;
        if (!(completed < news.State.LastFailure))
        {
            if (news.State.Failure is { } failing)
            {
                news.Close(news.State.IsDead ? AlertKind.Dead : AlertKind.Failed, failing, completed);
            }

            news.State = news.State with { Failure = null, IsDead = false, ConsecutiveFailures = 0 };
        }
        if (completed < news.State.LastSuccess)
        {
            return;
        }

        if (news.State.Absence is { } missing && completed > missing.Since)
        {
            news.State = news.State with { Absence = news.Close(AlertKind.Missing, missing, completed) };
        }

        news.State = news.State with { LastSuccess = completed };
    }

    private static void Failed(ref AlertNews news, RunReport report)
    {
        var completed = report.CompletedAt;
        if (completed < news.State.LastSuccess)
        {
            return;
        }

        news.State = news.State with
        {
            ConsecutiveFailures = news.State.ConsecutiveFailures + 1,
            LastFailure = Later(news.State.LastFailure, completed),
        };
        if (!news.Policy.OnFailure)
        {
            return;
        }

        bool exhausted = report.IsFinal && report.Attempt > 1;
        if (news.State.Failure is not { } failing)
        {
            var problem = news.Open(exhausted ? AlertKind.Dead : AlertKind.Failed, completed, completed, report);
            news.State = news.State with { Failure = problem, IsDead = exhausted };
        }
        else if (exhausted && !news.State.IsDead)
        {
            var problem = news.Open(AlertKind.Dead, failing.Since, completed, report);
            news.State = news.State with { Failure = problem, IsDead = true };
        }
        else
        {
            news.State = news.State with { Failure = news.Remind(FailureKind(news.State), failing, completed, report) };
        }
    }

    private static void Expect(ref AlertNews news, TimeSpan every, DateTimeOffset now)
    {
        if (Later(news.State.LastSuccess, news.State.WatchedSince) is not { } since)
        {
            news.State = news.State with { WatchedSince = now };
            return;
        }
        bool missing = now - since > every;
        news.State = (missing, news.State.Absence) switch
        {
            (true, null) => news.State with { Absence = news.Open(AlertKind.Missing, since, now) },
            (false, { } over) => news.State with { Absence = news.Close(AlertKind.Missing, over, now) }, // watched anew, or given more time
            _ => news.State,
        };
    }

    private static void Remind(ref AlertNews news, DateTimeOffset now)
    {
        if (news.Policy.RemindEvery is null)
        {
            return;
        }

        if (news.State.Failure is { } failing)
        {
            news.State = news.State with { Failure = news.Remind(FailureKind(news.State), failing, now) };
        }

        if (news.State.Lateness is { } late)
        {
            news.State = news.State with { Lateness = news.Remind(AlertKind.Late, late, now) };
        }

        if (news.State.Absence is { } missing)
        {
            news.State = news.State with { Absence = news.Remind(AlertKind.Missing, missing, now) };
        }
    }

    private static AlertKind FailureKind(in AlertState state) => state.IsDead ? AlertKind.Dead : AlertKind.Failed;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other ?? one : one;
}
