using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;

namespace Autom8.Scheduling.Engine;

/// <summary>Asks the history within bounds.</summary>
internal sealed class JobMonitor(ISchedulerStore store) : IJobMonitor
{
    /// <summary>Enough for a run a second over a day, and read in a fraction of a second.</summary>
    private const int MaxRuns = 100_000;

    private static readonly TimeSpan DefaultWindow = TimeSpan.FromDays(1);

    public ValueTask<JobStatistics> GetJobStatisticsAsync(
        string? job = null,
        DateTimeOffset? since = null,
        CancellationToken cancellationToken = default
    ) => GetAsync(null, job, since, cancellationToken);

    public ValueTask<JobStatistics> GetTaskStatisticsAsync(
        Guid taskId,
        DateTimeOffset? since = null,
        CancellationToken cancellationToken = default
    ) => GetAsync(taskId, null, since, cancellationToken);

    private async ValueTask<JobStatistics> GetAsync(Guid? taskId, string? job, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var now = await store.GetUtcNowAsync(cancellationToken).ConfigureAwait(false);
        return since > now
            ? throw new SchedulingException(SchedulingError.Invalid, "Only what is past can be counted.", nameof(since))
            : await store
                .GetStatisticsAsync(taskId, job, since?.ToUniversalTime() ?? now - DefaultWindow, MaxRuns, cancellationToken)
                .ConfigureAwait(false);
    }
}
