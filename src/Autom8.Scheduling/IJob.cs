namespace Autom8.Scheduling;

/// <summary>Work without arguments. Resolved from a service scope of its own for every run.</summary>
public interface IJob
{
    /// <summary>Does the work. Returning is success; an exception is a failure, recorded with its type and message (put nothing personal there).</summary>
    /// <param name="context">What is being run and why.</param>
    /// <param name="cancellationToken">Cancelled when the timeout has passed, somebody cancelled the job, the process is stopping, or another node has taken the run over:
    /// then the work should stop, and must not write anything it could not write twice.</param>
    /// <remarks>Runs are at least once, unless the job is registered as <see cref="Jobs.Delivery.AtMostOnce"/>: after a crash the same job is run again with a higher <see cref="JobContext.Attempt"/>.</remarks>
    ValueTask RunAsync(JobContext context, CancellationToken cancellationToken);
}

/// <summary>Work with arguments, which are kept as JSON. Resolved from a service scope of its own for every run.</summary>
/// <typeparam name="TArguments">The arguments.</typeparam>
public interface IJob<in TArguments>
{
    /// <summary>Does the work. Returning is success; an exception is a failure, recorded with its type and message (put nothing personal there).</summary>
    /// <param name="arguments">What to do it with.</param>
    /// <param name="context">What is being run and why.</param>
    /// <param name="cancellationToken">As for <see cref="IJob.RunAsync"/>.</param>
    ValueTask RunAsync(TArguments arguments, JobContext context, CancellationToken cancellationToken);
}
