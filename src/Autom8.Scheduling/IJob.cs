namespace Autom8.Scheduling;

/// <summary>Work that a task runs. Resolved from a service scope of its own for every run.</summary>
public interface IJob
{
    /// <summary>Does the work. Returning is success; an exception is a failure, recorded with its type and message (put nothing personal there).</summary>
    /// <param name="context">What is being run and why.</param>
    /// <param name="cancellationToken">Cancelled when the task's timeout has passed, the process is stopping, or another node has taken the run over:
    /// then the work should stop, and must not write anything it could not write twice.</param>
    /// <remarks>Runs are at least once: after a crash the same <see cref="JobContext.ScheduledAt"/> is run again with a higher <see cref="JobContext.Attempt"/>.</remarks>
    ValueTask RunAsync(JobContext context, CancellationToken cancellationToken);
}
