using System.Diagnostics.CodeAnalysis;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>A binary heap whose items know their place, so that any of them is taken out in logarithmic time. An item costs one reference.</summary>
internal sealed class IndexedHeap<T>
    where T : class, IHeapItem<T>
{
    private T[] _items = [];

    public int Count { get; private set; }

    public bool TryPeek([NotNullWhen(true)] out T? first)
    {
        first = Count > 0 ? _items[0] : null;
        return first is not null;
    }

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(Count * 2, 4));
        }

        Up(item, Count++);
    }

    public void Remove(T item)
    {
        var index = item.HeapIndex;
        var last = _items[--Count];
        _items[Count] = null!;
        if (index < Count)
        {
            Up(last, index);
            Down(last, last.HeapIndex);
        }
    }

    private void Up(T item, int index)
    {
        while (index > 0 && _items[(index - 1) / 2] is var parent && item.IsBefore(parent))
        {
            Put(parent, index);
            index = (index - 1) / 2;
        }

        Put(item, index);
    }

    private void Down(T item, int index)
    {
        for (int child; (child = (2 * index) + 1) < Count; index = child)
        {
            if (child + 1 < Count && _items[child + 1].IsBefore(_items[child]))
            {
                child++;
            }

            if (!_items[child].IsBefore(item))
            {
                break;
            }

            Put(_items[child], index);
        }

        Put(item, index);
    }

    private void Put(T item, int index)
    {
        _items[index] = item;
        item.HeapIndex = index;
    }
}
