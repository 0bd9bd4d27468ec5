using System.Runtime.InteropServices;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The tasks' rows, found by id and by name. Not thread-safe.</summary>
/// <remarks>
/// Rows are structs in arrays by the thousand, names are in arrays of characters, and whatever refers to a row has its number: to the garbage collector a million tasks are some thousand arrays that have no
/// young references. A row keeps its number as long as the task is there; after that another task gets it.
/// </remarks>
internal sealed class TaskTable
{
    /// <summary>No row.</summary>
    public const int None = -1;

    private const int ChunkBits = 10;
    private const int ChunkSize = 1 << ChunkBits;
    private const int FirstSize = 16;
    private const int LeastGaps = 1 << 14;

    private readonly List<MemoryTask[]> _chunks = [];
    private readonly RowIndex _byId = new();
    private readonly RowIndex _byName = new();
    private readonly Stack<int> _free = [];
    private NameTexts _names = new();
    private int _used;

    /// <summary>The row of that number, until the next <see cref="Add"/>.</summary>
    public ref MemoryTask this[int row] => ref _chunks[row >> ChunkBits][row & (ChunkSize - 1)];

    public int Find(Guid id)
    {
        var hash = id.GetHashCode();
        for (int place = _byId.First(hash), row; (row = _byId.Next(hash, ref place)) != None; )
        {
            if (this[row].Id == id)
            {
                return row;
            }
        }

        return None;
    }

    public int Find(ReadOnlySpan<char> name) => Find(name, HashOf(name));

    /// <summary>A row's name, until the next change of any name.</summary>
    public ReadOnlySpan<char> NameOf(int row) => _names[this[row].Name];

    /// <summary>Adds a task whose id no other has; <see cref="None"/> when another has its name.</summary>
    public int Add(ScheduledTask task, SharedDefinitions definitions)
    {
        var hash = HashOf(task.Name);
        if (Find(task.Name, hash) != None)
        {
            return None;
        }

        if (!_free.TryPop(out var row))
        {
            row = _used++;
            Grow(row);
        }

        this[row] = new()
        {
            Id = task.Id,
            Name = _names.Add(task.Name),
            Definition = definitions.Take(task),
            CreatedAt = task.CreatedAt.UtcTicks,
            Status = task.Status,
        };
        this[row].Write(task);
        _byId.Add(task.Id.GetHashCode(), row);
        _byName.Add(hash, row);
        return row;
    }

    public void Remove(int row)
    {
        RemoveName(row);
        ref var task = ref this[row];
        _byId.Remove(task.Id.GetHashCode(), row);
        task = default;
        _free.Push(row);
        CloseGaps();
    }

    /// <summary>Gives a task a name that no other has.</summary>
    public void Rename(int row, string name)
    {
        RemoveName(row);
        this[row].Name = _names.Add(name);
        _byName.Add(HashOf(name), row);
        CloseGaps();
    }

    private int Find(ReadOnlySpan<char> name, int hash)
    {
        for (int place = _byName.First(hash), row; (row = _byName.Next(hash, ref place)) != None; )
        {
            if (NameOf(row).SequenceEqual(name))
            {
                return row;
            }
        }

        return None;
    }

    private void RemoveName(int row)
    {
        _byName.Remove(HashOf(NameOf(row)), row);
        _names.Remove(this[row].Name);
    }

    private void CloseGaps()
    {
        if (_names.Gaps < Math.Max(_names.Used, LeastGaps))
        {
            return;
        }

        var names = new NameTexts();
        for (var row = 0; row < _used; row++)
        {
            this[row].Name = names.Add(NameOf(row));
        }

        _names = names;
    }

    /// <summary>Few tasks have a small array; where there are more than a thousand all arrays are whole, and none is ever moved.</summary>
    private void Grow(int row)
    {
        if (row >> ChunkBits == _chunks.Count)
        {
            _chunks.Add(new MemoryTask[row == 0 ? FirstSize : ChunkSize]);
        }
        else if (row == _chunks[0].Length)
        {
            Array.Resize(ref CollectionsMarshal.AsSpan(_chunks)[0], row * 2);
        }
    }

    private static int HashOf(ReadOnlySpan<char> name) => string.GetHashCode(name, StringComparison.Ordinal);
}
