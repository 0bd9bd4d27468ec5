using Autom8.Scheduling.Jobs;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The ready jobs of a queue by priority, due time and order.</summary>
internal sealed class MemoryQueue(string name)
{
    private readonly IndexedHeap<MemoryJob>[] _ready = [new(), new(), new()];

    public string Name { get; } = name;

    public long Waiting => _ready.Sum(static heap => (long)heap.Count);

    public IndexedHeap<MemoryJob> Ready(JobPriority priority) => _ready[(int)priority];
}
