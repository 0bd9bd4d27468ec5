namespace Autom8.Caching.Local;

/// <summary>
/// The hashes of what was evicted lately: about as many as <c>capacity</c>, the oldest forgotten first. Eight bytes each, in buckets of four that are looked through.
/// Two keys of one hash are taken for each other, and a full bucket forgets early: both only cost a guess.
/// </summary>
internal sealed class GhostQueue(int capacity)
{
    private const int Ways = 4;

    private readonly (int Hash, uint At)[] _slots = new (int, uint)[(capacity + Ways - 1) / Ways * Ways];
    private uint _now = (uint)capacity; // so that what was never written is too old

    public int Capacity => capacity;

    public void Add(int hash)
    {
        var bucket = Bucket(hash);
        ref var oldest = ref bucket[0];
        foreach (ref var slot in bucket[1..])
        {
            if (_now - slot.At > _now - oldest.At)
            {
                oldest = ref slot;
            }
        }

        oldest = (hash, ++_now);
    }

    /// <summary>Whether it was there; it is not any more.</summary>
    public bool Remove(int hash)
    {
        foreach (ref var slot in Bucket(hash))
        {
            if (slot.Hash == hash && _now - slot.At < (uint)capacity)
            {
                slot.At = _now - (uint)capacity;
                return true;
            }
        }

        return false;
    }

    private Span<(int Hash, uint At)> Bucket(int hash) =>
        _slots.AsSpan((int)((ulong)(uint)hash * (uint)(_slots.Length / Ways) >> 32) * Ways, Ways);
}
