namespace Autom8.Scheduling.Jobs;

/// <summary>Wraps every run of every job: to measure, to trace, to set a culture or a tenant. Filters run in the order of their registration, the first outermost. One instance for all runs: thread-safe.</summary>
public interface IJobFilter
{
    /// <summary>Is called instead of the job, and calls it by <paramref name="next"/>; what is thrown is the run's failure.</summary>
    /// <param name="context">The run.</param>
    /// <param name="next">The next filter, or the job.</param>
    /// <param name="cancellationToken">The run's.</param>
    ValueTask RunAsync(JobContext context, JobDelegate next, CancellationToken cancellationToken);
}

/// <summary>The rest of a run.</summary>
public delegate ValueTask JobDelegate(JobContext context, CancellationToken cancellationToken);
