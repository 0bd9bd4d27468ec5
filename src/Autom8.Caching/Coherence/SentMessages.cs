namespace Autom8.Caching.Coherence;

/// <summary>The numbers of this node's messages, and which of them have taken effect since the last beat said so.</summary>
internal sealed class SentMessages
{
    /// <summary>More gaps than this in one beat are not listed: whoever hears of it looks at everything again.</summary>
    private const int MaximumRanges = 1024;

    private readonly Lock _gate = new();
    private List<ulong> _acknowledged = [];
    private ulong _last;

    public ulong Next() => Interlocked.Increment(ref _last);

    public void Acknowledged(ulong number)
    {
        lock (_gate)
        {
            _acknowledged.Add(number);
        }
    }

    /// <summary>What the next beat says. If the beat fails, nobody is told again: a missing beat is noticed by its number.</summary>
    public (ulong First, ulong Last)[] Drain()
    {
        List<ulong> numbers;
        lock (_gate)
        {
            if (_acknowledged.Count == 0)
            {
                return [];
            }

            numbers = _acknowledged;
            _acknowledged = [];
        }

        numbers.Sort();
        List<(ulong First, ulong Last)> ranges = [];
        foreach (var number in numbers)
        {
            if (ranges.Count > 0 && ranges[^1].Last + 1 >= number)
            {
                ranges[^1] = (ranges[^1].First, number);
            }
            else
            {
                ranges.Add((number, number));
            }
        }

        return ranges.Count <= MaximumRanges ? [.. ranges] : [(0, 0)];
    }
}
