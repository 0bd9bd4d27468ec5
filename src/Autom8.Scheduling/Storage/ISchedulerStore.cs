using System.Data.Common;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage;

/// <summary>
/// Where tasks, jobs, executions and nodes are kept. A store keeps what it is told and decides nothing; what it does is set-based, so that a thousand rows cost little more than one.
/// </summary>
/// <remarks>Every write is one transaction, durable when it returns. Safe for any number of threads and, on PostgreSQL, of processes.</remarks>
internal interface ISchedulerStore
{
    /// <summary>Whether others know of this process by its lease, and it of their changes by looking, and by nothing quicker: there is no session to hold on the way to the database.</summary>
    bool ReliesOnLease => false;

    /// <summary>How often dead nodes are looked for: often where a death shows at once, seldom where only the end of a lease tells. Whoever sleeps longer costs an idle machine less.</summary>
    TimeSpan RescueInterval => TimeSpan.FromSeconds(1);

    /// <summary>The clock that decides what is due, to the microsecond: the database server's on PostgreSQL, this process's otherwise.</summary>
    ValueTask<DateTimeOffset> GetUtcNowAsync(CancellationToken cancellationToken);

    /// <summary>Writes a new task. False, and nothing is written, when its name is taken.</summary>
    ValueTask<bool> InsertAsync(ScheduledTask task, ChangeOrigin origin, CancellationToken cancellationToken);

    /// <summary>The task of an id, or null.</summary>
    ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The task of a name, or null.</summary>
    ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Tasks ordered by name (ordinal) after <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<ScheduledTask>> ListAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Reads a task under lock, has it edited and writes the result with the next version. Occurrences that are claimed ahead and not due yet are taken back where the next run changes.</summary>
    /// <param name="id">The task.</param>
    /// <param name="expectedVersion">Its version; null for any.</param>
    /// <param name="edit">A pure function from the task and the store's time to its new form; null leaves it as it is.</param>
    /// <param name="origin">Who asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SchedulingException">Unknown task, stale version, or a name that is taken.</exception>
    ValueTask<ScheduledTask> EditAsync(
        Guid id,
        long? expectedVersion,
        Func<ScheduledTask, DateTimeOffset, TaskEdit?> edit,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes a task, and its jobs that have not begun. What waits for those ends as after a cancellation.</summary>
    /// <exception cref="SchedulingException">Unknown task or stale version.</exception>
    ValueTask DeleteAsync(Guid id, long? expectedVersion, ChangeOrigin origin, CancellationToken cancellationToken);

    /// <summary>Adds runs of a task besides its schedule, under its limit: to run now, or for occurrences of the past. A run now that has not begun yet is not added twice.</summary>
    /// <param name="id">The task.</param>
    /// <param name="make">Makes the jobs from the task and the store's time.</param>
    /// <param name="once">Whether none is added while one that has not begun waits for its turn.</param>
    /// <param name="origin">Who asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were added.</returns>
    /// <exception cref="SchedulingException">Unknown task.</exception>
    ValueTask<int> TriggerAsync(
        Guid id,
        Func<ScheduledTask, DateTimeOffset, IReadOnlyList<NewJob>> make,
        bool once,
        ChangeOrigin origin,
        CancellationToken cancellationToken
    );

    /// <summary>Takes the tasks whose next occurrence is near, has each decided on, and in one transaction moves them on and adds the jobs of their slots; one that was taken back and is still there is its slot's job again. Rows that another node is deciding on are left to it.</summary>
    ValueTask<IReadOnlyList<SlotStep>> MaterializeAsync(SlotRequest request, CancellationToken cancellationToken);

    /// <summary>Adds jobs.</summary>
    /// <param name="jobs">The jobs; those of a key that is taken are not added.</param>
    /// <param name="transaction">The caller's transaction, or null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>For each, the id of the job that stands for it: its own, or that of the one that has its key.</returns>
    ValueTask<Guid[]> EnqueueAsync(IReadOnlyList<NewJob> jobs, DbTransaction? transaction, CancellationToken cancellationToken);

    /// <summary>Claims jobs that are due, or will be within the request's look-ahead, by priority and due time.</summary>
    ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Records how claimed jobs ended: into the history, and where they are to run again, back among the ready ones.</summary>
    /// <param name="outcomes">At most one for each claim.</param>
    /// <param name="transaction">The caller's transaction, or null.</param>
    /// <param name="fold">Makes the new watch state of a task from what is stored of it and its outcomes, inside the transaction; null leaves it. Null where nobody watches.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The claims that were recorded; the others are no longer held, and nothing is written of them.</returns>
    ValueTask<IReadOnlySet<long>> CompleteAsync(
        IReadOnlyList<JobOutcome> outcomes,
        DbTransaction? transaction,
        Func<WatchedTask, IReadOnlyList<JobOutcome>, string?>? fold,
        CancellationToken cancellationToken
    );

    /// <summary>Goes over the tasks that have an alert policy of their own and are not paused, except those that another node is at.</summary>
    /// <param name="look">Makes the new watch state of a task from what is stored of it, the store's time, and since when an occurrence of it is due and has not begun; null leaves it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask WatchAsync(Func<WatchedTask, DateTimeOffset, DateTimeOffset?, string?> look, CancellationToken cancellationToken);

    /// <summary>Gives back what was claimed and has not begun.</summary>
    ValueTask ReleaseAsync(IReadOnlyList<ClaimedJob> jobs, CancellationToken cancellationToken);

    /// <summary>Gives back what the node claimed after a claim: the answer to a later one was lost, and nobody would ever begin it.</summary>
    ValueTask ReleaseAfterAsync(long node, long claim, CancellationToken cancellationToken);

    /// <summary>Lets jobs that wait for their task become ready, as far as its limit goes.</summary>
    /// <returns>How many did.</returns>
    ValueTask<int> PromoteAsync(CancellationToken cancellationToken);

    /// <summary>Makes this process known, under a number that is never used again while claims of it are held.</summary>
    ValueTask<long> JoinAsync(string name, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Prolongs the node's lease, and asks what it is told.</summary>
    ValueTask<HeartbeatResult> BeatAsync(long node, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Notes how far runs have come.</summary>
    ValueTask ReportAsync(long node, IReadOnlyList<(long Claim, JobProgress Progress)> progress, CancellationToken cancellationToken);

    /// <summary>Lets go of the node's number. What it still has is rescued by others at once.</summary>
    ValueTask LeaveAsync(long node, CancellationToken cancellationToken);

    /// <summary>Finds nodes that are dead and gives back what they had, marking each run as abandoned.</summary>
    ValueTask<RescueResult> RescueAsync(RescueRequest request, CancellationToken cancellationToken);

    /// <summary>Asks for the end of a job: a waiting one is finished as cancelled at once, a claimed one is told by its node.</summary>
    /// <returns>False when there is none that is not finished.</returns>
    ValueTask<bool> CancelAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>Makes a dead job ready, as if it had never been tried.</summary>
    /// <returns>False when there is no dead one of that id.</returns>
    ValueTask<bool> RequeueAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>Changes what is ruled of a queue; each node follows at once, or with its next heartbeat.</summary>
    /// <returns>The queue as it is now.</returns>
    ValueTask<QueueState> EditQueueAsync(
        string name,
        Func<QueueState, DateTimeOffset, QueueState> edit,
        CancellationToken cancellationToken
    );

    /// <summary>The queues that are paused or limited, or have ready jobs, by name (ordinal).</summary>
    ValueTask<IReadOnlyList<QueueState>> ListQueuesAsync(CancellationToken cancellationToken);

    /// <summary>The job of an id, finished or not, as far as the history reaches; null when there is none.</summary>
    ValueTask<JobSnapshot?> FindJobAsync(Guid jobId, CancellationToken cancellationToken);

    /// <summary>Jobs that are not finished, in the order of their ids after <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<JobSnapshot>> ListJobsAsync(JobState? state, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>A task's executions, or a job's, newest first, with an id below <paramref name="before"/>.</summary>
    ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(
        Guid? taskId,
        Guid? jobId,
        long? before,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>How the runs of a window went: of a task, of a job, or of all, whichever is named.</summary>
    /// <param name="taskId">Only those of this task.</param>
    /// <param name="job">Only those of this job.</param>
    /// <param name="since">When the window begins; it ends now. A run belongs to it by when it ended.</param>
    /// <param name="limit">How many runs are looked at: of the task, or of all, the newest ones.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    ValueTask<JobStatistics> GetStatisticsAsync(
        Guid? taskId,
        string? job,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes executions that ended before an instant, in an order that is cheap.</summary>
    /// <returns>How many were deleted, at most <paramref name="limit"/>.</returns>
    ValueTask<int> PruneExecutionsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>Calls back when another process may have made something ready, with true when it tells nodes something. Ends when cancelled; returns at once where there are no other processes.</summary>
    Task ListenAsync(Action<bool> signal, CancellationToken cancellationToken);
}
