using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage;

/// <summary>What all stores say in the same words.</summary>
internal static class StoreRefusals
{
    public static SchedulingException Unknown(Guid id) => new(SchedulingError.UnknownTask, $"There is no task {id}.");

    public static SchedulingException UnknownJob(Guid id) =>
        new(SchedulingError.UnknownJob, $"There is no job {id} to wait for, or its history was cleaned up.", nameof(EnqueueOptions.After));

    public static SchedulingException AfterFailed(Guid id) =>
        new(
            SchedulingError.Invalid,
            $"Job {id}, which is to be waited for, did not succeed. Set {nameof(EnqueueOptions.AfterFailure)} to go on all the same.",
            nameof(EnqueueOptions.After)
        );

    public static SchedulingException NameTaken(string name) =>
        new(SchedulingError.NameTaken, $"Another task is called '{name}'. Choose another name.", nameof(TaskDefinition.Name));

    public static SchedulingException Stale(ScheduledTask task, long expected) =>
        new(
            SchedulingError.StaleVersion,
            FormattableString.Invariant($"Task {task.Id} is at version {task.Version}, not {expected}: it was changed. Read it again.")
        );

    /// <summary>The task, if it is there and of the version that the caller read.</summary>
    public static ScheduledTask Checked(ScheduledTask? task, Guid id, long? expectedVersion)
    {
        if (task is null)
        {
            throw Unknown(id);
        }

        return expectedVersion is null || task.Version == expectedVersion ? task : throw Stale(task, expectedVersion.Value);
    }

    /// <summary>A job of which only the history tells.</summary>
    public static JobSnapshot Finished(TaskExecution last) =>
        new()
        {
            Id = last.JobId,
            Job = last.Job,
            State = JobState.Finished,
            DueAt = last.ScheduledAt,
            TaskId = last.TaskId,
            Attempt = last.Attempt,
            Node = last.Node,
            ErrorMessage = last.ErrorMessage,
        };
}
