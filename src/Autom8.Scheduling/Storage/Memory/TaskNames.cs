using System.Runtime.InteropServices;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The tasks in the ordinal order of their names: sorted pieces in a sorted list. Not thread-safe.</summary>
/// <remarks>New ones are put in their places by the hundred, or when the order is asked for: sorted among themselves first, most of them then follow one another.</remarks>
internal sealed class TaskNames(TaskTable tasks)
{
    private const int PieceSize = 1024;
    private const int MaxNew = 512;

    private readonly List<Piece> _pieces = [];
    private readonly List<int> _new = [];
    private int _last; // the piece that was asked for last

    public void Add(int row)
    {
        _new.Add(row);
        if (_new.Count == MaxNew)
        {
            PutInPlace();
        }
    }

    public void Remove(int row)
    {
        PutInPlace();
        var (at, index, _) = Locate(tasks.NameOf(row));
        var piece = _pieces[at];
        piece.RemoveAt(index);
        if (piece.Count == 0)
        {
            _pieces.RemoveAt(at);
        }
    }

    /// <summary>The rows behind a name, or all.</summary>
    public IEnumerable<int> After(string? name)
    {
        PutInPlace();
        var (at, index, found) = name is null ? default : Locate(name);
        for (index += found ? 1 : 0; at < _pieces.Count; at++, index = 0)
        {
            for (; index < _pieces[at].Count; index++)
            {
                yield return _pieces[at].Rows[index];
            }
        }
    }

    private void PutInPlace()
    {
        CollectionsMarshal.AsSpan(_new).Sort((one, other) => tasks.NameOf(one).SequenceCompareTo(tasks.NameOf(other)));
        foreach (var row in _new)
        {
            Insert(row);
        }

        _new.Clear();
    }

    private void Insert(int row)
    {
        if (_pieces.Count == 0)
        {
            _pieces.Add(new Piece());
            _pieces[0].Insert(0, row);
            return;
        }

        var (at, index, _) = Locate(tasks.NameOf(row));
        var piece = _pieces[at];
        if (piece.Count == PieceSize)
        {
            // Names that come in order fill their pieces.
            var kept = at == _pieces.Count - 1 && index == PieceSize ? PieceSize : PieceSize / 2;
            var next = piece.Split(kept);
            _pieces.Insert(at + 1, next);
            if (index >= kept)
            {
                (piece, index) = (next, index - kept);
            }
        }

        piece.Insert(index, row);
    }

    private (int Piece, int Index, bool Found) Locate(ReadOnlySpan<char> name)
    {
        if (_pieces.Count == 0)
        {
            return default;
        }

        var (low, high) = (0, _pieces.Count - 1);
        if (_last <= high && !IsBefore(name, _last) && (_last == high || IsBefore(name, _last + 1)))
        {
            low = high = _last;
        }

        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (IsBefore(name, middle))
            {
                high = middle - 1;
            }
            else
            {
                low = middle;
            }
        }

        _last = low;
        var index = _pieces[low].Search(tasks, name);
        return index >= 0 ? (low, index, true) : (low, ~index, false);
    }

    private bool IsBefore(ReadOnlySpan<char> name, int piece) => name.SequenceCompareTo(tasks.NameOf(_pieces[piece].Rows[0])) < 0;

    private sealed class Piece
    {
        public int[] Rows { get; } = new int[PieceSize];

        public int Count { get; private set; }

        public int Search(TaskTable tasks, ReadOnlySpan<char> name)
        {
            var (low, high) = (0, Count - 1);
            if (tasks.NameOf(Rows[high]).SequenceCompareTo(name) < 0)
            {
                return ~Count;
            }

            while (low <= high)
            {
                var middle = (low + high) / 2;
                switch (tasks.NameOf(Rows[middle]).SequenceCompareTo(name))
                {
                    case 0:
                        return middle;
                    case < 0:
                        low = middle + 1;
                        break;
                    default:
                        high = middle - 1;
                        break;
                }
            }

            return ~low;
        }

        public void Insert(int index, int row)
        {
            Array.Copy(Rows, index, Rows, index + 1, Count - index);
            Rows[index] = row;
            Count++;
        }

        public void RemoveAt(int index)
        {
            Count--;
            Array.Copy(Rows, index + 1, Rows, index, Count - index);
        }

        /// <summary>Keeps so many, and answers the rest.</summary>
        public Piece Split(int kept)
        {
            var rest = new Piece { Count = Count - kept };
            Array.Copy(Rows, kept, rest.Rows, 0, rest.Count);
            Count = kept;
            return rest;
        }
    }
}
