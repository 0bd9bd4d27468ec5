namespace Autom8.Scheduling.Storage.Memory;

/// <summary>The tasks in the ordinal order of their names: sorted pieces in a sorted list, one reference a task. Not thread-safe.</summary>
internal sealed class TaskNames
{
    private const int PieceSize = 512;

    private readonly List<Piece> _pieces = [];

    public MemoryTask? Find(string name)
    {
        var (piece, index, found) = Locate(name);
        return found ? _pieces[piece].Tasks[index] : null;
    }

    /// <summary>False, and nothing is added, when the name is taken.</summary>
    public bool Add(MemoryTask task)
    {
        var (at, index, found) = Locate(task.Name);
        if (found)
        {
            return false;
        }

        if (_pieces.Count == 0)
        {
            _pieces.Add(new());
        }

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

        piece.Insert(index, task);
        return true;
    }

    public void Remove(MemoryTask task)
    {
        var (at, index, found) = Locate(task.Name);
        if (found)
        {
            _pieces[at].RemoveAt(index);
            if (_pieces[at].Count == 0)
            {
                _pieces.RemoveAt(at);
            }
        }
    }

    public IEnumerable<MemoryTask> After(string? name)
    {
        var (at, index, found) = name is null ? default : Locate(name);
        for (index += found ? 1 : 0; at < _pieces.Count; at++, index = 0)
        {
            for (; index < _pieces[at].Count; index++)
            {
                yield return _pieces[at].Tasks[index];
            }
        }
    }

    private (int Piece, int Index, bool Found) Locate(string name)
    {
        if (_pieces.Count == 0)
        {
            return default;
        }

        var (low, high) = (0, _pieces.Count - 1);
        if (string.CompareOrdinal(_pieces[high].Tasks[0].Name, name) <= 0)
        {
            low = high; // names that come in order
        }

        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (string.CompareOrdinal(_pieces[middle].Tasks[0].Name, name) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        var index = _pieces[low].Search(name);
        return index >= 0 ? (low, index, true) : (low, ~index, false);
    }

    private sealed class Piece
    {
        public MemoryTask[] Tasks { get; private init; } = new MemoryTask[PieceSize];

        public int Count { get; private set; }

        public int Search(string name)
        {
            var (low, high) = (0, Count - 1);
            if (high >= 0 && string.CompareOrdinal(Tasks[high].Name, name) < 0)
            {
                return ~Count;
            }

            while (low <= high)
            {
                var middle = (low + high) / 2;
                switch (string.CompareOrdinal(Tasks[middle].Name, name))
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

        public void Insert(int index, MemoryTask task)
        {
            Array.Copy(Tasks, index, Tasks, index + 1, Count - index);
            Tasks[index] = task;
            Count++;
        }

        public void RemoveAt(int index)
        {
            Count--;
            Array.Copy(Tasks, index + 1, Tasks, index, Count - index);
            Tasks[Count] = null!;
        }

        /// <summary>Keeps so many, and answers the rest.</summary>
        public Piece Split(int kept)
        {
            var rest = new Piece { Count = Count - kept };
            Array.Copy(Tasks, kept, rest.Tasks, 0, rest.Count);
            Array.Clear(Tasks, kept, rest.Count);
            Count = kept;
            return rest;
        }
    }
}
