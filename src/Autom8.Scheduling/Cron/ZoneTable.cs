namespace Autom8.Scheduling.Cron;

/// <summary>The segments of a zone in order, behind the last of which stands a mark: where the table ends. Immutable.</summary>
internal sealed class ZoneTable
{
    public static readonly ZoneTable Empty = new();

    // Segments are found by 97 days: no more than a few transitions lie in one.
    private const int BucketBits = 23;
    private readonly ushort[] _buckets;

    public ZoneTable(ZoneSegment[] segments, long from)
    {
        Segments = segments;
        From = from;
        Until = segments[^1].At;
        _buckets = new ushort[((Until - from) >> BucketBits) + 1];
        int segment = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            while (segments[segment + 1].At <= from + ((long)i << BucketBits) && segment + 2 < segments.Length)
            {
                segment++;
            }

            _buckets[i] = (ushort)segment;
        }
    }

    private ZoneTable()
    {
        Segments = [];
        _buckets = [];
        From = long.MaxValue;
        Until = long.MinValue;
    }

    public ZoneSegment[] Segments { get; }

    /// <summary>The first second the table is sure of.</summary>
    public long From { get; }

    /// <summary>The first second it is no longer sure of.</summary>
    public long Until { get; }

    /// <summary>The index of the segment in which an instant before <see cref="Until"/> lies.</summary>
    public int Find(long utc)
    {
        long bucket = (utc - From) >> BucketBits;
        if (bucket < 0)
        {
            return 0;
        }

        int index = _buckets[bucket];
        while (Segments[index + 1].At <= utc)
        {
            index++;
        }

        return index;
    }
}
