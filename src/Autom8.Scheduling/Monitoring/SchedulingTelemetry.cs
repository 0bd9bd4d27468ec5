using System.Diagnostics;
using System.Diagnostics.Metrics;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Storage;
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
        _executions = _meter.CreateCounter<long>(
            "autom8.scheduling.executions",
            "{execution}",
            "Executions that ended, by job and status."
        );
        _skipped = _meter.CreateCounter<long>("autom8.scheduling.skipped", "{occurrence}", "Occurrences left out, by job and reason.");
        _lateness = _meter.CreateHistogram<double>("autom8.scheduling.lateness", "s", "From the scheduled time to the start, by job.");
        _duration = _meter.CreateHistogram<double>("autom8.scheduling.duration", "s", "How long runs took, by job.");
        _running = _meter.CreateUpDownCounter<long>("autom8.scheduling.running", "{execution}", "Executions that are running here.");
    }

    public static Activity? StartActivity(ClaimedJob job)
    {
        if (!Activities.HasListeners())
        {
            return null;
        }

        var activity = Activities.StartActivity("job " + job.Job, ActivityKind.Consumer);
        activity?.SetTag("autom8.scheduling.job.id", job.Id);
        activity?.SetTag("autom8.scheduling.task.id", job.TaskId);
        activity?.SetTag("autom8.scheduling.execution.id", job.Claim);
        activity?.SetTag("autom8.scheduling.attempt", job.Attempt);
        return activity;
    }

    /// <summary>Shows what the node knows whenever somebody looks.</summary>
    public void Observe(SchedulerNode node)
    {
        _meter.CreateObservableGauge(
            "autom8.scheduling.clock.offset",
            () => node.Clock.Offset.TotalSeconds,
            "s",
            "By how much the store's clock is ahead of this process's."
        );
        _meter.CreateObservableGauge(
            "autom8.scheduling.clock.uncertainty",
            () => node.Clock.Uncertainty.TotalSeconds,
            "s",
            "By how much the store's time as this process knows it may be wrong."
        );
        _meter.CreateObservableGauge(
            "autom8.scheduling.queued",
            () => node.Executors.Select(static e => new Measurement<int>(e.Queued, new KeyValuePair<string, object?>("executor", e.Name))),
            "{job}",
            "Jobs that are due and wait here for an executor."
        );
        _meter.CreateObservableGauge(
            "autom8.scheduling.stuck",
            () => node.Stuck,
            "{execution}",
            "Executions that were told to stop, were given up since they did not, and still go on here."
        );
    }

    public void Decided(SlotStep step)
    {
        if (step.Kind == SlotKind.Fault)
        {
            Recorded(step.Task.Job, ExecutionStatus.Failed);
        }
        else if (step.Skipped > 0)
        {
            _skipped.Add(
                step.Skipped,
                new KeyValuePair<string, object?>("job", step.Task.Job),
                new KeyValuePair<string, object?>("reason", step.Kind == SlotKind.SkipOverlap ? "overlap" : "misfire")
            );
        }
    }

    public void Began(ClaimedJob job, DateTimeOffset startedAt)
    {
        _running.Add(1);
        if (_lateness.Enabled)
        {
            _lateness.Record((startedAt - job.DueAt).TotalSeconds, new KeyValuePair<string, object?>("job", job.Job));
        }
    }

    public void Ended(string job, TimeSpan duration)
    {
        _running.Add(-1);
        if (_duration.Enabled)
        {
            _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("job", job));
        }
    }

    public void Recorded(string job, ExecutionStatus status) =>
        _executions.Add(1, new KeyValuePair<string, object?>("job", job), new KeyValuePair<string, object?>("status", status.Text()));

    public void Dispose() => _meter.Dispose();
}
