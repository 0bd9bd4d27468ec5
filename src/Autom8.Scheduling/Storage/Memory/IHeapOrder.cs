namespace Autom8.Scheduling.Storage.Memory;

/// <summary>What comes first in an <see cref="IndexedHeap{T, TOrder}"/>, and where the place of each item is noted: an item is in one heap at most.</summary>
internal interface IHeapOrder<in T>
{
    bool IsBefore(T item, T other);

    int PlaceOf(T item);

    void SetPlace(T item, int place);
}

/// <summary>The order and the places of objects that know both themselves.</summary>
internal readonly struct ItemOrder<T> : IHeapOrder<T>
    where T : IHeapItem<T>
{
    public bool IsBefore(T item, T other) => item.IsBefore(other);

    public int PlaceOf(T item) => item.HeapIndex;

    public void SetPlace(T item, int place) => item.HeapIndex = place;
}
