using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling;

/// <summary>Makes, changes and asks about tasks. Safe for any number of threads.</summary>
/// <remarks>Every write is durable when it returns, and was shown to every <see cref="ITaskChangeSink"/> in its own transaction.
/// A change that this process makes is noticed by its engine at once, by other nodes within <see cref="SchedulingOptions.PollInterval"/>.</remarks>
public interface IScheduler
{
    /// <summary>Makes a task.</summary>
    /// <exception cref="SchedulingException">The definition cannot be used, or the name is taken.</exception>
    ValueTask<ScheduledTask> CreateAsync(
        TaskDefinition definition,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    );

    /// <summary>The task of an id, or null.</summary>
    ValueTask<ScheduledTask?> FindAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>The task of a name, or null.</summary>
    ValueTask<ScheduledTask?> FindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Tasks ordered by name (ordinal), a page at a time.</summary>
    /// <param name="after">The name after which the page begins; null for the first.</param>
    /// <param name="limit">At most so many, 1 to 500.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    ValueTask<TaskPage> ListAsync(string? after = null, int limit = 50, CancellationToken cancellationToken = default);

    /// <summary>Replaces a task's definition. A changed schedule counts from now on.</summary>
    /// <param name="id">The task.</param>
    /// <param name="definition">The new definition; a <see cref="ScheduledTask"/> read before, with changes, will do.</param>
    /// <param name="expectedVersion">The version the caller read.</param>
    /// <param name="origin">Who asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SchedulingException">Unknown task, stale version, name taken, or an unusable definition.</exception>
    ValueTask<ScheduledTask> UpdateAsync(
        Guid id,
        TaskDefinition definition,
        long expectedVersion,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    );

    /// <summary>Pauses a task; what is running goes on. Pausing what is paused changes nothing.</summary>
    /// <param name="id">The task.</param>
    /// <param name="expectedVersion">The version the caller read; null for any.</param>
    /// <param name="origin">Who asked; kept with the task while it is paused.</param>
    /// <param name="reason">Why, at most 500 characters; kept with the task while it is paused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SchedulingException">Unknown task, or stale version when one is given.</exception>
    ValueTask<ScheduledTask> PauseAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        string? reason = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>Resumes a task with its next occurrence from now on: what fell into the pause is not made up for.</summary>
    /// <exception cref="SchedulingException">Unknown task, or stale version when one is given.</exception>
    ValueTask<ScheduledTask> ResumeAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    );

    /// <summary>Deletes a task. Its history stays until the cleanup; a run that goes on is finished. A task that code declares comes back at the next start: pause it instead.</summary>
    /// <exception cref="SchedulingException">Unknown task, or stale version when one is given.</exception>
    ValueTask DeleteAsync(
        Guid id,
        long? expectedVersion = null,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    );

    /// <summary>Runs a task now, be it paused or not; when it is running, once more after that. Several triggers before it starts are one.</summary>
    /// <exception cref="SchedulingException">Unknown task.</exception>
    ValueTask TriggerAsync(Guid id, ChangeOrigin origin = default, CancellationToken cancellationToken = default);

    /// <summary>Runs the occurrences of a time past, the oldest first and no more at once than the task may, whether they were run or not.</summary>
    /// <param name="id">The task.</param>
    /// <param name="from">The first instant that counts.</param>
    /// <param name="until">The last one.</param>
    /// <param name="limit">At most so many, 1 to 10,000.</param>
    /// <param name="origin">Who asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were added; those that wait or run already are not added again.</returns>
    /// <exception cref="SchedulingException">Unknown task, or <paramref name="until"/> is not past.</exception>
    ValueTask<int> BackfillAsync(
        Guid id,
        DateTimeOffset from,
        DateTimeOffset until,
        int limit = 1_000,
        ChangeOrigin origin = default,
        CancellationToken cancellationToken = default
    );

    /// <summary>A task's executions, newest first, a page at a time.</summary>
    /// <param name="taskId">The task; it may have been deleted.</param>
    /// <param name="before">The execution before which the page begins; null for the newest.</param>
    /// <param name="limit">At most so many, 1 to 500.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    ValueTask<ExecutionPage> ListExecutionsAsync(
        Guid taskId,
        long? before = null,
        int limit = 50,
        CancellationToken cancellationToken = default
    );

    /// <summary>The names of the jobs that tasks can run in this process, in order.</summary>
    IReadOnlyList<string> Jobs { get; }
}
