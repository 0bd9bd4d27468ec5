using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage;

/// <summary>The refusals that both stores give in the same words.</summary>
internal static class StoreRefusals
{
    public static SchedulingException Unknown(Guid id) => new(SchedulingError.UnknownTask, $"There is no task {id}.");

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
            throw Unknown(id);
        return expectedVersion is null || task.Version == expectedVersion ? task : throw Stale(task, expectedVersion.Value);
    }
}
