namespace Autom8.Metrics.Aggregation;

/// <summary>Explicit points that wait to be written; bounded, the oldest goes first.</summary>
internal sealed class PointQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<MetricPoint> _points = new();

    /// <returns>How many points were given up: 0 or 1.</returns>
    public int Add(MetricPoint point)
    {
        lock (_gate)
        {
            _points.Enqueue(point);
            return _points.Count > capacity && _points.TryDequeue(out _) ? 1 : 0;
        }
    }

    public IReadOnlyList<MetricPoint> Peek(int limit)
    {
        lock (_gate)
        {
            return [.. _points.Take(limit)];
        }
    }

    /// <summary>Forgets points that were written; some may have been given up meanwhile.</summary>
    public void Remove(IReadOnlyList<MetricPoint> written)
    {
        lock (_gate)
        {
            foreach (MetricPoint point in written)
            {
                if (_points.TryPeek(out MetricPoint? oldest) && ReferenceEquals(oldest, point))
                {
                    _points.Dequeue();
                }
            }
        }
    }
}
