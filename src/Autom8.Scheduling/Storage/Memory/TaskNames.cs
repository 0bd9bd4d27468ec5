using System.Runtime.InteropServices;

namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The tasks in the ordinal order of their names: sorted pieces in a sorted list. Not thread-safe.</summary>
/// <remarks>New ones are put in their places by the hundred, or when the order is asked for: sorted among themselves first, many then follow one another and are put there together.</remarks>
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
        var rows = CollectionsMarshal.AsSpan(_new);
        if (!IsInOrder(rows))
        {
            rows.Sort((one, other) => tasks.NameOf(one).SequenceCompareTo(tasks.NameOf(other)));
        }

        while (!rows.IsEmpty)
        {
            rows = rows[Insert(rows)..];
        }

        _new.Clear();
    }

    private bool IsInOrder(ReadOnlySpan<int> rows)
    {
        for (var i = 1; i < rows.Length; i++)
        {
            if (!IsBefore(rows[i - 1], rows[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Inserts the first, with those behind it that nothing comes between and that there is room for.</summary>
    /// <returns>How many.</returns>
    private int Insert(ReadOnlySpan<int> rows)
    {
        if (_pieces.Count == 0)
        {
            _pieces.Add(new Piece());
        }

        var (at, index, _) = Locate(tasks.NameOf(rows[0]));
        if (_pieces[at].Count == PieceSize)
        {
            // Names that come in order fill their pieces.
            var kept = at == _pieces.Count - 1 && index == PieceSize ? PieceSize : PieceSize / 2;
            _pieces.Insert(at + 1, _pieces[at].Split(kept));
            if (index >= kept)
            {
                (at, index) = (at + 1, index - kept);
            }
        }

        var piece = _pieces[at];
        var next =
            index < piece.Count ? piece.Rows[index]
            : at + 1 < _pieces.Count ? _pieces[at + 1].Rows[0]
            : TaskTable.None;
        var most = Math.Min(rows.Length, PieceSize - piece.Count);
        var run = 1;
        while (run < most && (next == TaskTable.None || IsBefore(rows[run], next)))
        {
            run++;
        }

        piece.Insert(index, rows[..run]);
        return run;
    }

    private (int Piece, int Index, bool Found) Locate(ReadOnlySpan<char> name)
    {
        if (_pieces.Count == 0)
        {
            return default;
        }

        var (low, high) = (0, _pieces.Count - 1);
        if (_last <= high && !IsBeforePiece(name, _last) && (_last == high || IsBeforePiece(name, _last + 1)))
        {
            low = high = _last;
        }

        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (IsBeforePiece(name, middle))
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

    private bool IsBeforePiece(ReadOnlySpan<char> name, int piece) =>
        _pieces[piece].Count > 0 && name.SequenceCompareTo(tasks.NameOf(_pieces[piece].Rows[0])) < 0;

    private bool IsBefore(int row, int other) => tasks.NameOf(row).SequenceCompareTo(tasks.NameOf(other)) < 0;

    private sealed class Piece
    {
        public int[] Rows { get; } = new int[PieceSize];

        public int Count { get; private set; }

        public int Search(TaskTable tasks, ReadOnlySpan<char> name)
        {
            var (low, high) = (0, Count - 1);
            if (high < 0 || tasks.NameOf(Rows[high]).SequenceCompareTo(name) < 0)
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

        public void Insert(int index, ReadOnlySpan<int> rows)
        {
            Array.Copy(Rows, index, Rows, index + rows.Length, Count - index);
            rows.CopyTo(Rows.AsSpan(index));
            Count += rows.Length;
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
