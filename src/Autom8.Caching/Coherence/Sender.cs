using System.Buffers.Binary;

namespace Autom8.Caching.Coherence;

/// <summary>
/// What has been heard of one node: enough to notice, one beat after, that a message of it never came. Messages may overtake one another; a beat may overtake a message by no more than one beat.
/// </summary>
internal sealed class Sender
{
    private const int MaximumUnlisted = 65_536;

    private readonly HashSet<ulong> _heard = [];
    private readonly HashSet<ulong> _missing = [];
    private ulong _lastBeat;

    /// <summary>By the local clock.</summary>
    public long HeardAt { get; set; }

    /// <returns>Whether what is heard can still be told from what is not.</returns>
    public bool Hear(ulong number)
    {
        if (!_missing.Remove(number))
        {
            _heard.Add(number);
        }

        if (_heard.Count <= MaximumUnlisted)
        {
            return true;
        }

        _heard.Clear();
        return false;
    }

    /// <returns>Whether nothing is missing that should have come by now.</returns>
    public bool Beat(ulong number, ReadOnlySpan<byte> ranges)
    {
        // A node that begins says so with beat 1. Of one that is heard for the first time in the midst of its life, messages may have been missed like any others.
        var complete = number == _lastBeat + 1 && _missing.Count == 0;
        _lastBeat = number;
        _missing.Clear();
        for (; !ranges.IsEmpty; ranges = ranges[16..])
        {
            var from = BinaryPrimitives.ReadUInt64LittleEndian(ranges);
            var to = BinaryPrimitives.ReadUInt64LittleEndian(ranges[8..]);
            if (from == 0 || to < from || to - from > MaximumUnlisted)
            {
                complete = false;
                continue;
            }

            for (var listed = from; listed <= to; listed++)
            {
                if (!_heard.Remove(listed))
                {
                    _missing.Add(listed);
                }
            }
        }

        return complete;
    }
}
