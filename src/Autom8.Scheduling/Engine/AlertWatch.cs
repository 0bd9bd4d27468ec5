using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Engine;

/// <summary>Has the alert rules judge what happens to tasks. Their state is kept beside the task and changed in the transaction of what is judged, so that of several nodes one alerts.</summary>
internal sealed class AlertWatch(IServiceProvider services)
{
    private readonly AlertDispatcher? _dispatcher = services.GetService<AlertDispatcher>();
    private readonly AlertPolicy _default = services.GetService<IOptions<AlertOptions>>()?.Value.DefaultPolicy ?? AlertPolicy.Default;

    /// <summary>Whether anybody is to be told.</summary>
    public bool IsOn => _dispatcher is not null;

    /// <summary>The state of a task after runs of it; what is to be told is added to <paramref name="alerts"/>.</summary>
    public string? Fold(WatchedTask task, IReadOnlyList<JobOutcome> outcomes, List<SchedulerAlert> alerts)
    {
        var state = Read(task);
        foreach (var outcome in outcomes)
        {
            var transition = AlertRules.Apply(state, task.Policy ?? _default, Report(task, outcome));
            state = transition.State;
            alerts.AddRange(transition.Alerts);
        }

        return state.Export();
    }

    /// <summary>The state of a task at an instant.</summary>
    public string? Look(WatchedTask task, DateTimeOffset now, DateTimeOffset? waitingSince, List<SchedulerAlert> alerts)
    {
        var before = Read(task);
        var transition = AlertRules.Tick(before, task.Policy ?? _default, new(task.Id, task.Name), now, waitingSince);
        alerts.AddRange(transition.Alerts);
        return transition.State == before && task.State is not null ? null : transition.State.Export();
    }

    /// <summary>Tells of a job that is dead, and has no task whose state would tell.</summary>
    public void Buried(JobOutcome outcome)
    {
        var (type, message) = Split(outcome.Error);
        _dispatcher?.Publish(
            new()
            {
                Kind = AlertKind.Dead,
                TaskId = outcome.Job.Id,
                TaskName = outcome.Job.Job,
                Queue = outcome.Job.Queue,
                ScheduledAt = outcome.Job.DueAt,
                HappenedAt = outcome.CompletedAt,
                Since = outcome.CompletedAt,
                ErrorType = type,
                ErrorMessage = message,
                Attempt = outcome.Job.Attempt,
                Node = outcome.Node,
                ConsecutiveFailures = outcome.Job.Attempt,
            }
        );
    }

    /// <summary>Tells what was found, once it is committed.</summary>
    public void Publish(List<SchedulerAlert> alerts)
    {
        foreach (var alert in alerts)
        {
            _dispatcher?.Publish(alert);
        }
    }

    // A task that was changed or resumed is watched from then on: what did not happen while it was paused is not missing.
    private static AlertState Read(WatchedTask task)
    {
        var state = task.State is { } text ? AlertState.Import(text) : default;
        return state.WatchedSince >= task.UpdatedAt ? state : state.WatchFrom(task.UpdatedAt);
    }

    private static RunReport Report(WatchedTask task, JobOutcome outcome)
    {
        var (type, message) = Split(outcome.Error);
        return new()
        {
            Subject = new(task.Id, task.Name, outcome.Job.Queue),
            ScheduledAt = outcome.Job.Slot ?? outcome.Job.DueAt,
            StartedAt = outcome.StartedAt,
            CompletedAt = outcome.CompletedAt,
            Outcome = outcome.Status switch
            {
                ExecutionStatus.Succeeded => RunReportOutcome.Succeeded,
                ExecutionStatus.Failed => RunReportOutcome.Failed,
                ExecutionStatus.Abandoned => RunReportOutcome.Abandoned,
                ExecutionStatus.Snoozed => RunReportOutcome.Skipped,
                _ => RunReportOutcome.Cancelled,
            },
            ErrorType = type,
            ErrorMessage = message,
            Attempt = outcome.Job.Attempt,
            IsFinal = outcome.Then is JobDisposition.Finish or JobDisposition.Bury,
            Node = outcome.Node,
        };
    }

    private static (string? Type, string? Message) Split(string? error) =>
        error?.IndexOf(": ", StringComparison.Ordinal) is > 0 and var at ? (error[..at], error[(at + 2)..]) : (null, error);
}
