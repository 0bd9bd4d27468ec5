namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The jobs of a task that are not finished.</summary>
internal sealed class MemoryTaskJobs(Guid taskId)
{
    public Guid TaskId { get; } = taskId;

    public HashSet<MemoryJob> All { get; } = [];

    /// <summary>A slot of a task is one job.</summary>
    public HashSet<DateTimeOffset> Slots { get; } = [];

    public IndexedHeap<MemoryJob> Waiting { get; } = new();

    public List<MemoryJob> Claimed { get; } = [];

    public int Ready { get; set; }

    public int Active => Ready + Claimed.Count;

    /// <summary>How many are ready, claimed or waiting, besides that of a slot.</summary>
    public int Besides(DateTimeOffset slot) => Active + Waiting.Count - (Slots.Contains(slot) ? 1 : 0);

    public bool IsRunning(DateTimeOffset now)
    {
        foreach (var job in Claimed)
        {
            if (job.DueAt <= now)
            {
                return true;
            }
        }

        return false;
    }
}
