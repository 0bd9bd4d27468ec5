using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage;

/// <summary>Where tasks and executions are kept. Applications use <see cref="IScheduler"/>; a store only keeps what it is told and decides nothing.</summary>
/// <remarks>Every write is one transaction, durable when it returns. Safe for any number of threads and, on PostgreSQL, of processes.</remarks>
public interface ITaskStore
{
    /// <summary>The clock that decides what is due, to the microsecond: the database server's on PostgreSQL, this process's on SQLite.</summary>
    ValueTask<DateTimeOffset> GetUtcNowAsync(CancellationToken cancellationToken);

    /// <summary>Writes a new task. False, and nothing is written, when its name is taken.</summary>
    ValueTask<bool> InsertAsync(ScheduledTask task, ChangeOrigin origin, CancellationToken cancellationToken);

    /// <summary>The task of an id, or null.</summary>
    ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The task of a name, or null.</summary>
    ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Tasks ordered by name (ordinal) after <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<ScheduledTask>> ListAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Reads a task under lock, has it edited and writes the result with the next version.</summary>
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

    /// <summary>Deletes a task.</summary>
    /// <exception cref="SchedulingException">Unknown task or stale version.</exception>
    ValueTask DeleteAsync(Guid id, long? expectedVersion, ChangeOrigin origin, CancellationToken cancellationToken);

    /// <summary>Notes that a task is to run now.</summary>
    /// <exception cref="SchedulingException">Unknown task.</exception>
    ValueTask TriggerAsync(Guid id, ChangeOrigin origin, CancellationToken cancellationToken);

    /// <summary>Takes what is due, has each row decided on and writes the steps, all in one transaction. Rows that another node is deciding on are left to it.</summary>
    ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Prolongs the leases of runs.</summary>
    /// <returns>The executions whose lease is still held; the others were taken over.</returns>
    ValueTask<IReadOnlyList<Guid>> RenewAsync(IReadOnlyList<Guid> executionIds, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Records how a run went and gives up its lease. An interrupted one stays claimable at the same attempt.</summary>
    /// <returns>False when the run was taken over by another node: then nothing is written.</returns>
    ValueTask<bool> CompleteAsync(RunOutcome outcome, CancellationToken cancellationToken);

    /// <summary>A task's executions, newest first, with a claim below <paramref name="before"/>.</summary>
    ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(Guid taskId, long? before, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes finished executions that started before an instant, oldest first.</summary>
    /// <returns>How many were deleted, at most <paramref name="limit"/>.</returns>
    ValueTask<int> PruneExecutionsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}

/// <summary>A change of a task's definition.</summary>
/// <param name="Action">What is being done.</param>
/// <param name="Task">The task's new form; the store sets version and time of change.</param>
/// <param name="ChangedFields">The names of the properties that change.</param>
public sealed record TaskEdit(TaskChangeAction Action, ScheduledTask Task, IReadOnlyList<string> ChangedFields);

/// <summary>A request for due tasks.</summary>
/// <param name="Jobs">The names of the jobs that the process knows; tasks of others are left to nodes that know them.</param>
/// <param name="Limit">At most so many rows.</param>
/// <param name="Decide">A pure function from a due row and the store's time to what becomes of it; null leaves it.</param>
public sealed record ClaimRequest(IReadOnlyList<string> Jobs, int Limit, Func<DueTask, DateTimeOffset, DispatchStep?> Decide);

/// <summary>What was claimed.</summary>
/// <param name="Now">The store's time.</param>
/// <param name="NextDue">When the next row of these jobs is due; null when none is.</param>
/// <param name="Steps">The steps that were written, in the order of their due time.</param>
public sealed record ClaimResult(DateTimeOffset Now, DateTimeOffset? NextDue, IReadOnlyList<DispatchStep> Steps);

/// <summary>How a run went.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="ExecutionId">The run.</param>
/// <param name="Claim">The claim it was begun under: a stale one is refused.</param>
/// <param name="Status">Succeeded, failed or cancelled.</param>
/// <param name="ErrorMessage">What went wrong, at most <see cref="TaskExecution.MaxErrorLength"/> characters.</param>
public sealed record RunOutcome(Guid TaskId, Guid ExecutionId, long Claim, ExecutionStatus Status, string? ErrorMessage);
