namespace Autom8.Scheduling.Monitoring;

/// <summary>Tells how runs went, from the history. Safe for any number of threads.</summary>
/// <remarks>Of a window the newest 100,000 runs are looked at; where there were more, <see cref="JobStatistics.Since"/> says how far back they reach. It never reaches further back than <see cref="SchedulingOptions.HistoryRetention"/>.</remarks>
public interface IJobMonitor
{
    /// <summary>How the runs of a job went, or of all jobs.</summary>
    /// <param name="job">The registered name of the job, whatever task or program it was run for; null for all.</param>
    /// <param name="since">When the window begins: a run belongs to it by when it ended. Null for 24 hours ago.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="SchedulingException"><paramref name="since"/> is not past.</exception>
    ValueTask<JobStatistics> GetJobStatisticsAsync(
        string? job = null,
        DateTimeOffset? since = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>How the runs of a task went.</summary>
    /// <param name="taskId">The task; it may have been deleted.</param>
    /// <param name="since">When the window begins: a run belongs to it by when it ended. Null for 24 hours ago.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="SchedulingException"><paramref name="since"/> is not past.</exception>
    ValueTask<JobStatistics> GetTaskStatisticsAsync(
        Guid taskId,
        DateTimeOffset? since = null,
        CancellationToken cancellationToken = default
    );
}
