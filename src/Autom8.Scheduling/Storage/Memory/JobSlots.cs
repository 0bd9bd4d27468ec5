namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The tasks of a job by their next occurrence.</summary>
internal sealed class JobSlots(TaskTable tasks)
{
    public IndexedHeap<TaskTurn, TaskOrder> Near { get; } = new(new(tasks));

    public IndexedHeap<TaskTurn, TaskOrder> Due { get; } = new(new(tasks));

    /// <summary>Those whose time has come join the others.</summary>
    public void Ripen(long now)
    {
        while (Due.TryPeek(out var first) && first.NextRun <= now)
        {
            Due.Remove(first);
            tasks[first.Row].Place = SlotPlace.Near;
            Near.Add(first);
        }
    }
}
