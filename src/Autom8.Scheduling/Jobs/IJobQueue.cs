using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Jobs;

/// <summary>Enqueues jobs that run once, and asks about them. Safe for any number of threads.</summary>
/// <remarks>What is enqueued is durable when the call returns. Callers that enqueue at the same time share a commit.</remarks>
public interface IJobQueue
{
    /// <summary>Enqueues a job.</summary>
    /// <typeparam name="TJob">The job, as it was registered.</typeparam>
    /// <returns>The job's id; with a key that is taken, that of the job that has it.</returns>
    /// <exception cref="SchedulingException">The job is not registered here, or an option cannot be used; nothing was enqueued.</exception>
    ValueTask<Guid> EnqueueAsync<TJob>(EnqueueOptions? options = null, CancellationToken cancellationToken = default)
        where TJob : IJob;

    /// <summary>Enqueues a job with arguments.</summary>
    /// <typeparam name="TJob">The job, as it was registered.</typeparam>
    /// <typeparam name="TArguments">Its arguments.</typeparam>
    /// <returns>The job's id; with a key that is taken, that of the job that has it.</returns>
    /// <exception cref="SchedulingException">The job is not registered here, or an option cannot be used; nothing was enqueued.</exception>
    ValueTask<Guid> EnqueueAsync<TJob, TArguments>(
        TArguments arguments,
        EnqueueOptions? options = null,
        CancellationToken cancellationToken = default
    )
        where TJob : IJob<TArguments>;

    /// <summary>Enqueues many jobs of a kind at once: all or none.</summary>
    /// <typeparam name="TJob">The job, as it was registered.</typeparam>
    /// <typeparam name="TArguments">Its arguments.</typeparam>
    /// <returns>The jobs' ids, in the order of the arguments.</returns>
    /// <exception cref="SchedulingException">The job is not registered here, or an option cannot be used (keys cannot, for many); nothing was enqueued.</exception>
    ValueTask<IReadOnlyList<Guid>> EnqueueManyAsync<TJob, TArguments>(
        IReadOnlyList<TArguments> arguments,
        EnqueueOptions? options = null,
        CancellationToken cancellationToken = default
    )
        where TJob : IJob<TArguments>;

    /// <summary>Enqueues a job by its registered name.</summary>
    /// <param name="job">The name.</param>
    /// <param name="payload">Its payload, JSON text of at most 65,536 characters, or null.</param>
    /// <param name="options">When and how.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SchedulingException">The job is not registered here, or the payload or an option cannot be used; nothing was enqueued.</exception>
    ValueTask<Guid> EnqueueAsync(
        string job,
        string? payload,
        EnqueueOptions? options = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>Cancels a job: one that waits is finished at once, one that runs is told by its node, and finished as cancelled when it stops. It is not run again, also when its run failed before it was told, or its node died.</summary>
    /// <returns>False when there is none that is not finished.</returns>
    ValueTask<bool> CancelAsync(Guid jobId, CancellationToken cancellationToken = default);

    /// <summary>Gives a dead job all its attempts again.</summary>
    /// <returns>False when there is no dead one of that id.</returns>
    ValueTask<bool> RequeueAsync(Guid jobId, CancellationToken cancellationToken = default);

    /// <summary>Pauses a queue on all nodes: what runs goes on, nothing further of it begins. Jobs may be enqueued all the same.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="origin">Who asked.</param>
    /// <param name="reason">Why, at most 500 characters.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The queue as it is now.</returns>
    /// <exception cref="SchedulingException">The name or the reason cannot be used.</exception>
    ValueTask<QueueState> PauseQueueAsync(
        string queue,
        ChangeOrigin origin = default,
        string? reason = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>Resumes a queue. Resuming what is not paused changes nothing.</summary>
    /// <returns>The queue as it is now.</returns>
    /// <exception cref="SchedulingException">The name cannot be used.</exception>
    ValueTask<QueueState> ResumeQueueAsync(string queue, CancellationToken cancellationToken = default);

    /// <summary>Limits how many jobs of a queue may be claimed at once on all nodes together.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="maxRunning">1 to 100,000; null for no limit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The queue as it is now.</returns>
    /// <exception cref="SchedulingException">The name or the limit cannot be used.</exception>
    ValueTask<QueueState> LimitQueueAsync(string queue, int? maxRunning, CancellationToken cancellationToken = default);

    /// <summary>The queues that are paused or limited, or have jobs that wait, by name (ordinal). The jobs are counted: with a million of them that takes a moment.</summary>
    ValueTask<IReadOnlyList<QueueState>> ListQueuesAsync(CancellationToken cancellationToken = default);

    /// <summary>The job of an id; a finished one as long as its history is kept. Null when there is none.</summary>
    ValueTask<JobSnapshot?> FindAsync(Guid jobId, CancellationToken cancellationToken = default);

    /// <summary>Jobs that are not finished, in the order in which they were made, a page at a time.</summary>
    /// <param name="state">Only those; null for all.</param>
    /// <param name="after">The id after which the page begins.</param>
    /// <param name="limit">At most so many, 1 to 500.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    ValueTask<IReadOnlyList<JobSnapshot>> ListAsync(
        JobState? state = null,
        Guid? after = null,
        int limit = 50,
        CancellationToken cancellationToken = default
    );

    /// <summary>The attempts at a job, newest first.</summary>
    ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(Guid jobId, CancellationToken cancellationToken = default);
}
