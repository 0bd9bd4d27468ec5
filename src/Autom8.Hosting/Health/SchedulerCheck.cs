using Autom8.Scheduling.Monitoring;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Autom8.Hosting;

/// <summary>
/// Degraded while this process should run tasks and is no member of the cluster, or has not said for a lease that it lives: others have what it had, or will; and while jobs go on here that were given up. Says how old the last heartbeat is, what is known of the store's clock, and whether a pooler leaves nothing but the lease to tell a death by.
/// Never unhealthy: a node that runs no tasks can still answer requests, and whether the database answers is what <see cref="ReadinessCheck"/> asks.
/// </summary>
public sealed class SchedulerCheck(SchedulerHealth scheduler) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (!scheduler.RunsTasks)
        {
            return HealthCheckResult.Healthy("this process is set to run no tasks");
        }

        var heartbeat = scheduler.SinceHeartbeat;
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["leaseSeconds"] = scheduler.LeaseDuration.TotalSeconds,
            ["running"] = scheduler.Running,
            ["stuck"] = scheduler.Stuck,
        };
        if (heartbeat is not { } since)
        {
            return HealthCheckResult.Degraded("this process is no member of the scheduler's cluster", exception: null, data);
        }

        data["secondsSinceHeartbeat"] = since.TotalSeconds;
        data["clockOffsetMilliseconds"] = scheduler.ClockOffset.TotalMilliseconds;
        data["clockUncertaintyMilliseconds"] = scheduler.ClockUncertainty.TotalMilliseconds;
        data["reliesOnLease"] = scheduler.ReliesOnLease;
        return since >= scheduler.LeaseDuration
                ? HealthCheckResult.Degraded("the scheduler has not said for a lease that it lives", exception: null, data)
            : scheduler.Stuck > 0 ? HealthCheckResult.Degraded("jobs were told to stop and go on", exception: null, data)
            : HealthCheckResult.Healthy("running tasks", data);
    }
}
