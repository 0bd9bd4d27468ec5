using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Autom8.Metrics.Collection;

/// <summary>What the collector says about itself, on the meter <c>Autom8.Metrics</c>.</summary>
/// <remarks>
/// The collector listens to this meter too. That cannot recurse without end: the increments below are valid measurements with a fixed set of tags,
/// so recording them never rejects anything; and recording never takes the lock under which the collector collects.
/// </remarks>
internal sealed class CollectorHealth : IDisposable
{
    public const string MeterName = "Autom8.Metrics";

    private readonly ConcurrentDictionary<string, long> _rejected = new();
    private readonly Meter _meter;
    private readonly Counter<long> _rejections;
    private readonly Counter<long> _drops;
    private long _dropped;
    private int _series;

    public CollectorHealth(IMeterFactory? meters)
    {
        // A factory disposes of its meters itself; disposing twice is allowed.
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _rejections = _meter.CreateCounter<long>("autom8.metrics.rejected", "{measurement}", "Measurements refused, by reason");
        _drops = _meter.CreateCounter<long>(
            "autom8.metrics.dropped",
            "{row}",
            "Aggregates and points given up because the store was away too long"
        );
        _meter.CreateObservableUpDownCounter("autom8.metrics.series", () => Series, "{series}", "Series held in memory");
    }

    public int Series => Volatile.Read(ref _series);

    public long Dropped => Interlocked.Read(ref _dropped);

    public long Rejected(string reason) => _rejected.GetValueOrDefault(reason);

    public void Reject(string reason)
    {
        _rejected.AddOrUpdate(reason, 1, static (_, count) => count + 1);
        _rejections.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    public void Drop(int rows)
    {
        if (rows > 0)
        {
            Interlocked.Add(ref _dropped, rows);
            _drops.Add(rows);
        }
    }

    /// <summary>Takes a place for one more series, if there is one below <paramref name="limit"/>.</summary>
    public bool TryAddSeries(int limit)
    {
        if (Interlocked.Increment(ref _series) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _series);
        return false;
    }

    public void Dispose() => _meter.Dispose();
}
