using System.Collections.Concurrent;
using System.Diagnostics;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Engine;

/// <summary>Runs a job in a scope of its own, inside the filters, and says how it went.</summary>
internal sealed class JobRunner(IServiceScopeFactory scopes, IEnumerable<IJobFilter> filters, SchedulingTelemetry telemetry)
{
    private readonly IJobFilter[] _filters = [.. filters];
    private readonly ConcurrentDictionary<JobRegistration, JobDelegate> _chains = new();

    public async ValueTask<JobOutcome> RunAsync(Run run)
    {
        run.Start();
        telemetry.Began(run.Job, run.StartedAt);
        using var activity = SchedulingTelemetry.StartActivity(run.Job);
        Exception? error = null;
        try
        {
            var scope = scopes.CreateAsyncScope();
            await using var _ = scope.ConfigureAwait(false);
            var context = new JobContext(run, scope.ServiceProvider);
            await Chain(run.Registration)(context, run.Token).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            error = thrown;
            activity?.SetStatus(ActivityStatusCode.Error, thrown.GetType().Name);
        }

        var outcome = run.IsCompleted ? run.Succeeded() : run.Outcome(error);
        telemetry.Ended(run.Job.Job, outcome.CompletedAt - outcome.StartedAt);
        return outcome;
    }

    private JobDelegate Chain(JobRegistration job) =>
        _chains.GetOrAdd(
            job,
            static (job, filters) =>
            {
                JobDelegate chain = job.RunAsync.Invoke;
                foreach (var filter in filters.Reverse())
                {
                    var next = chain;
                    chain = (context, cancellationToken) => filter.RunAsync(context, next, cancellationToken);
                }

                return chain;
            },
            _filters
        );
}
