namespace Autom8.Scheduling.Alerts;

/// <summary>A transition in the making: the state as it changes, and what there is to tell. No list is made until there is something.</summary>
internal ref struct AlertNews(AlertState state, AlertPolicy policy, AlertSubject subject)
{
    private readonly AlertSubject _subject = subject;
    private List<SchedulerAlert>? _alerts;

    public AlertState State = state;

    public readonly AlertPolicy Policy => policy;

    public readonly AlertTransition Transition => new(State, _alerts ?? (IReadOnlyList<SchedulerAlert>)[]);

    /// <summary>Tells that a problem has begun; the run that shows it is told of, when there is one.</summary>
    public AlertProblem Open(AlertKind kind, DateTimeOffset since, DateTimeOffset at, RunReport? report = null)
    {
        Tell(kind, new(since, at), at, report);
        return new(since, at);
    }

    /// <summary>Tells that an occurrence that has not begun is a problem.</summary>
    public AlertProblem Open(AlertKind kind, DateTimeOffset since, DateTimeOffset at, DateTimeOffset slot)
    {
        Add(Alert(kind, new(since, at), at) with { ScheduledAt = slot });
        return new(since, at);
    }

    /// <summary>Tells that a problem is over.</summary>
    /// <returns>No problem.</returns>
    public AlertProblem? Close(AlertKind kind, AlertProblem over, DateTimeOffset at)
    {
        Add(Alert(AlertKind.Recovered, over with { Reminders = 0 }, at) with { RecoveredFrom = kind });
        return null;
    }

    /// <summary>Tells of a problem again when it is time to.</summary>
    /// <returns>The problem, with what was told.</returns>
    public AlertProblem Remind(AlertKind kind, AlertProblem problem, DateTimeOffset at, RunReport? report = null)
    {
        if (!(at - problem.AlertedAt >= Policy.RemindEvery))
        {
            return problem;
        }

        var reminded = problem with { AlertedAt = at, Reminders = problem.Reminders + 1 };
        Tell(kind, reminded, at, report);
        return reminded;
    }

    private void Tell(AlertKind kind, AlertProblem problem, DateTimeOffset at, RunReport? report)
    {
        var alert = Alert(kind, problem, at);
        Add(
            report is null
                ? alert
                : alert with
                {
                    ScheduledAt = report.ScheduledAt,
                    ErrorType = kind == AlertKind.Late ? null : report.ErrorType,
                    ErrorMessage = kind == AlertKind.Late ? null : report.ErrorMessage,
                    Attempt = report.Attempt,
                    Node = report.Node,
                }
        );
    }

    private readonly SchedulerAlert Alert(AlertKind kind, AlertProblem problem, DateTimeOffset at) =>
        new()
        {
            Kind = kind,
            TaskId = _subject.Id,
            TaskName = _subject.Name,
            Queue = _subject.Queue,
            HappenedAt = at,
            Since = problem.Since,
            ConsecutiveFailures = State.ConsecutiveFailures,
            Reminder = problem.Reminders,
        };

    private void Add(SchedulerAlert alert) => (_alerts ??= []).Add(alert);
}
