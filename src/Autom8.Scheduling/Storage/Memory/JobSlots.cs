namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The tasks of a job by their next occurrence.</summary>
internal sealed class JobSlots
{
    public IndexedHeap<MemoryTask> Near { get; } = new();

    public IndexedHeap<MemoryTask> Due { get; } = new();

    /// <summary>Those whose time has come join the others.</summary>
    public void Ripen(long now)
    {
        while (Due.TryPeek(out var task) && task.NextRun <= now)
        {
            Due.Remove(task);
            task.Place = SlotPlace.Near;
            Near.Add(task);
        }
    }
}
