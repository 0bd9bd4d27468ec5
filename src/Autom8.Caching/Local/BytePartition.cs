using BitFaster.Caching.Lru;

namespace Autom8.Caching.Local;

/// <summary>
/// The queues of an LRU that is also bounded by bytes, which may run out long before the count does: what is added passes to the warm queue at once,
/// so that a trim finds entries where it gives those that were read a second chance. In a hot queue that is never full it would take the oldest, read or not.
/// </summary>
internal sealed class BytePartition(int capacity) : ICapacityPartition
{
    public int Hot => 1;

    public int Warm => capacity - Hot - Cold;

    public int Cold { get; } = Math.Max(1, capacity / 10);
}
