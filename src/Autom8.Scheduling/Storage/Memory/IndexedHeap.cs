using System.Diagnostics.CodeAnalysis;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>A binary heap whose items know their place, so that any of them is taken out in logarithmic time.</summary>
internal class IndexedHeap<T, TOrder>(TOrder order)
    where TOrder : struct, IHeapOrder<T>
{
    private T[] _items = [];

    public int Count { get; private set; }

    public bool TryPeek([MaybeNullWhen(false)] out T first)
    {
        first = Count > 0 ? _items[0] : default;
        return Count > 0;
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
        var place = order.PlaceOf(item);
        var last = _items[--Count];
        _items[Count] = default!;
        if (place < Count)
        {
            Up(last, place);
            Down(last, order.PlaceOf(last));
        }
    }

    private void Up(T item, int place)
    {
        while (place > 0 && _items[(place - 1) / 2] is var parent && order.IsBefore(item, parent))
        {
            Put(parent, place);
            place = (place - 1) / 2;
        }

        Put(item, place);
    }

    private void Down(T item, int place)
    {
        for (int child; (child = (2 * place) + 1) < Count; place = child)
        {
            if (child + 1 < Count && order.IsBefore(_items[child + 1], _items[child]))
            {
                child++;
            }

            if (!order.IsBefore(_items[child], item))
            {
                break;
            }

            Put(_items[child], place);
        }

        Put(item, place);
    }

    private void Put(T item, int place)
    {
        _items[place] = item;
        order.SetPlace(item, place);
    }
}

/// <summary>A heap of objects that know their order and place themselves.</summary>
internal sealed class IndexedHeap<T>() : IndexedHeap<T, ItemOrder<T>>(default)
    where T : IHeapItem<T>;
