using System.Diagnostics;
using System.Diagnostics.Metrics;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Monitoring;

/// <summary>The meter and activity source <c>Autom8.Scheduling</c>. Tags are names of jobs and states: few, and nothing personal.</summary>
internal sealed class SchedulingTelemetry : IDisposable
{
    public const string Name = "Autom8.Scheduling";

    private static readonly ActivitySource Activities = new(Name);

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _executions;
    private readonly Counter<long> _skipped;
    private readonly Histogram<double> _lateness;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _running;

    public SchedulingTelemetry()
    {
        _executions = _meter.CreateCounter<long>("autom8.scheduling.executions", "{execution}", "Executions that ended, by job and status.");
        _skipped = _meter.CreateCounter<long>("autom8.scheduling.skipped", "{occurrence}", "Occurrences left out, by job and reason.");
        _lateness = _meter.CreateHistogram<double>("autom8.scheduling.lateness", "s", "From the scheduled time to the start, by job.");
        _duration = _meter.CreateHistogram<double>("autom8.scheduling.duration", "s", "How long runs took, by job.");
        _running = _meter.CreateUpDownCounter<long>("autom8.scheduling.running", "{execution}", "Executions that are running here.");
    }

    public static Activity? StartActivity(TaskExecution execution, ScheduledTask task)
    {
        var activity = Activities.StartActivity("job " + task.Job, ActivityKind.Internal);
        activity?.SetTag("autom8.scheduling.task.id", execution.TaskId);
        activity?.SetTag("autom8.scheduling.execution.id", execution.Id);
        activity?.SetTag("autom8.scheduling.attempt", execution.Attempt);
        return activity;
    }

    public void Decided(DispatchStep step)
    {
        var job = new KeyValuePair<string, object?>("job", step.After.Task.Job);
        if (step.Abandoned is not null)
            _executions.Add(1, job, new("status", "abandoned"));
        switch (step.Kind)
        {
            case DispatchKind.Run:
                _running.Add(1);
                _lateness.Record((step.Begun!.StartedAt - step.Begun.ScheduledAt).TotalSeconds, job);
                break;
            case DispatchKind.SkipMisfire:
                _skipped.Add(1, job, new("reason", "misfire"));
                break;
            case DispatchKind.SkipOverlap:
                _skipped.Add(1, job, new("reason", "overlap"));
                break;
            case DispatchKind.Fault:
                _executions.Add(1, job, new("status", "failed"));
                break;
        }
    }

    public void Ended(string job, TimeSpan duration)
    {
        _running.Add(-1);
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("job", job));
    }

    public void Recorded(string job, string status) =>
        _executions.Add(1, new KeyValuePair<string, object?>("job", job), new KeyValuePair<string, object?>("status", status));

    public void Dispose() => _meter.Dispose();
}
