using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>Makes the job of a task's occurrence.</summary>
internal static class TaskJobs
{
    /// <param name="task">The task.</param>
    /// <param name="slot">The occurrence.</param>
    /// <param name="options">What the job's registration says; null where it is not registered here.</param>
    /// <param name="due">When it is to be begun.</param>
    public static NewJob Make(ScheduledTask task, DateTimeOffset slot, JobOptions? options, DateTimeOffset due) =>
        new()
        {
            Id = TimedId.New(),
            Job = task.Job,
            Queue = task.Queue ?? options?.Queue ?? JobQueues.Default,
            Priority = task.Priority ?? options?.Priority ?? JobPriority.Normal,
            DueAt = due,
            TaskId = task.Id,
            TaskName = task.Name,
            Slot = slot,
            MaxActive = task.MaxActive,
            Payload = task.Payload,
            Policy = JobPolicy.Text(task.Timeout, task.Retry),
        };
}
