namespace Autom8.Scheduling.Storage.Memory;

/// <summary>Finds the numbers of rows by the hashes of what they are known by; who asks compares. Eight bytes a place, at most three of four taken. Not thread-safe.</summary>
/// <remarks>Open addressing with linear probing (Knuth, The Art of Computer Programming 3, 6.4), without tombstones: what follows a row that goes moves up (algorithm R).</remarks>
internal sealed class RowIndex
{
    private const int Smallest = 16;

    // The hash, and below it the row's number plus one: zero where nobody is.
    private ulong[] _places = new ulong[Smallest];
    private int _count;

    private int Mask => _places.Length - 1;

    /// <summary>Where to look first.</summary>
    public int First(int hash) => hash & Mask;

    /// <summary>The next row of that hash; <see cref="TaskTable.None"/> when there is no more.</summary>
    public int Next(int hash, ref int place)
    {
        while (_places[place] is var taken and not 0)
        {
            place = (place + 1) & Mask;
            if ((int)(taken >> 32) == hash)
            {
                return RowOf(taken);
            }
        }

        return TaskTable.None;
    }

    public void Add(int hash, int row)
    {
        if (_count + 1 > _places.Length / 4 * 3)
        {
            var before = _places;
            _places = new ulong[before.Length * 2];
            foreach (var taken in before)
            {
                if (taken != 0)
                {
                    Put(taken);
                }
            }
        }

        Put(((ulong)(uint)hash << 32) | (uint)(row + 1));
        _count++;
    }

    public void Remove(int hash, int row)
    {
        var hole = First(hash);
        while (RowOf(_places[hole]) != row)
        {
            hole = (hole + 1) & Mask;
        }

        for (var next = (hole + 1) & Mask; _places[next] is var taken and not 0; next = (next + 1) & Mask)
        {
            // Whoever would not be found across the hole fills it.
            if (((next - First((int)(taken >> 32))) & Mask) >= ((next - hole) & Mask))
            {
                _places[hole] = taken;
                hole = next;
            }
        }

        _places[hole] = 0;
        _count--;
    }

    private void Put(ulong taken)
    {
        var place = First((int)(taken >> 32));
        while (_places[place] != 0)
        {
            place = (place + 1) & Mask;
        }

        _places[place] = taken;
    }

    private static int RowOf(ulong taken) => (int)(uint)taken - 1;
}
