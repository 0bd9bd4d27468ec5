using Autom8.Metrics.Aggregation;
using Autom8.Metrics.Queries;
using Autom8.Metrics.Storage;

namespace Autom8.Metrics.Tests;

/// <summary>A store whose rows a test can look at, and that can be away.</summary>
internal sealed class MemoryStore : IMetricStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(MetricSeries, DateTimeOffset, string, Guid), MetricAggregate> _rows = [];
    private readonly Dictionary<Guid, MetricPoint> _points = [];
    private TaskCompletionSource _pruned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public volatile bool Away;

    public int Writes { get; private set; }

    /// <summary>Completes when a removal finds nothing more to remove.</summary>
    public Task NextPrune
    {
        get
        {
            lock (_lock)
            {
                return _pruned.Task;
            }
        }
    }

    /// <summary>Completes at the next write.</summary>
    public Task NextWrite
    {
        get
        {
            lock (_lock)
            {
                return _written.Task;
            }
        }
    }

    public IReadOnlyList<MetricAggregate> Rows
    {
        get
        {
            lock (_lock)
            {
                return [.. _rows.Values.OrderBy(r => r.PeriodStart).ThenBy(r => r.Series.MetricType).ThenBy(r => r.Series.Tags.ToJson())];
            }
        }
    }

    public IReadOnlyList<MetricPoint> Points
    {
        get
        {
            lock (_lock)
            {
                return [.. _points.Values.OrderBy(p => p.Timestamp)];
            }
        }
    }

    public ValueTask WriteAsync(IReadOnlyList<MetricAggregate> aggregates, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        lock (_lock)
        {
            Writes++;
            foreach (MetricAggregate row in aggregates)
            {
                _rows[(row.Series, row.PeriodStart, row.Instance, row.Epoch)] = row;
            }

            _written.TrySetResult();
            _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask AddPointsAsync(IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        lock (_lock)
        {
            foreach (MetricPoint point in points)
            {
                _points[point.Id] = point;
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<MetricStep>> QueryAsync(MetricStoreQuery query, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        return ValueTask.FromResult<IReadOnlyList<MetricStep>>([
            .. Rows.Where(row => query.Selector.Matches(row.Series))
                .Where(row => row.PeriodStart >= query.Period.From && row.PeriodStart < query.Period.To)
                .Where(row => !query.Except.Any(cutoff => cutoff.Epoch == row.Epoch && row.PeriodStart >= cutoff.From))
                .GroupBy(row => (long)((row.PeriodStart - query.Period.From) / query.Step))
                .OrderBy(group => group.Key)
                .Select(group => new MetricStep(
                    query.Period.From + (group.Key * query.Step),
                    group.Aggregate(default(MetricSummary), (sum, row) => sum.Merge(row.Summary))
                )),
        ]);
    }

    public ValueTask<IReadOnlyList<MetricSeries>> ListSeriesAsync(string? metricType, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<MetricSeries>>([
            .. Rows.Select(row => row.Series).Where(series => metricType is null || series.MetricType == metricType).Distinct(),
        ]);

    public ValueTask<IReadOnlyList<MetricPoint>> ListPointsAsync(
        string metricType,
        MetricPeriod period,
        int limit,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult<IReadOnlyList<MetricPoint>>([.. Points.Where(p => p.MetricType == metricType).Take(limit)]);

    public ValueTask<int> PruneAsync(
        DateTimeOffset aggregatesBefore,
        DateTimeOffset pointsBefore,
        int limit,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            var old = _rows.Where(row => row.Value.PeriodEnd <= aggregatesBefore).Take(limit).Select(row => row.Key).ToArray();
            foreach (var key in old)
            {
                _rows.Remove(key);
            }

            if (old.Length == 0)
            {
                _pruned.TrySetResult();
                _pruned = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return ValueTask.FromResult(old.Length);
        }
    }

    private void ThrowIfAway()
    {
        if (Away)
        {
            throw new IOException("The store is away.");
        }
    }
}
