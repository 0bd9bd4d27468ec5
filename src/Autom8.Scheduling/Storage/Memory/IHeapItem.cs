namespace Autom8.Scheduling.Storage.Memory;

/// <summary>What an <see cref="IndexedHeap{T}"/> holds: it is in one of them at most, and knows where.</summary>
internal interface IHeapItem<in T>
{
    /// <summary>Its place in the heap; the heap's own.</summary>
    int HeapIndex { get; set; }

    bool IsBefore(T other);
}
