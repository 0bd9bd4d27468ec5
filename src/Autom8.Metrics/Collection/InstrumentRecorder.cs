using System.Collections.Concurrent;

namespace Autom8.Metrics.Collection;

/// <summary>The state that the listener attaches to one instrument: finds the cell of a measurement and records it there.</summary>
/// <remarks>
/// A series that was recorded before is found by its tags as they are given, without allocating. Only the first time, or when a tag's value is an object
/// of the caller's own, or when the tags found no place, is the canonical form made. The same tags in several orders take several places in
/// <see cref="_known"/>, which is bounded, and meet in one cell.
/// </remarks>
internal sealed class InstrumentRecorder
{
    private const int KnownPerSeries = 4;

    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], SeriesCell> _known = new(RecordedTagsComparer.Instance);
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], SeriesCell>.AlternateLookup<
        ReadOnlySpan<KeyValuePair<string, object?>>
    > _lookup;
    private readonly KeyValuePair<string, object?>[] _fixedTags;
    private readonly MetricFamily _family;
    private readonly CollectorHealth _health;
    private readonly int _knownLimit;

    // Last value of each series of an observable counter; written only while the collector reads the instruments.
    private readonly Dictionary<SeriesCell, double>? _observedTotals;
    private SeriesCell? _overflowCell;
    private double _overflowReading;
    private SeriesCell? _untagged;
    private int _knownCount;

    public InstrumentRecorder(
        MetricFamily family,
        KeyValuePair<string, object?>[] fixedTags,
        bool observedTotals,
        int seriesLimit,
        CollectorHealth health
    )
    {
        _family = family;
        _fixedTags = fixedTags;
        _health = health;
        _knownLimit = seriesLimit * KnownPerSeries;
        _observedTotals = observedTotals ? [] : null;
        _lookup = _known.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    /// <summary>Whether the instrument reports totals when it is read.</summary>
    public bool ReadsTotals => _observedTotals is not null;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (MeasurementRange.Refuse(value, _family.Kind) is { } reason)
        {
            _health.Reject(reason);
            return;
        }

        SeriesCell? cell =
            tags.IsEmpty ? (_untagged ??= Resolve(tags))
            : _lookup.TryGetValue(tags, out SeriesCell? known) ? known
            : Resolve(tags);
        if (cell is null)
        {
            return;
        }

        value = MeasurementRange.Normal(value);
        switch (_family.Mode)
        {
            case SeriesMode.Value when _family.Kind == MetricKind.Gauge:
            case SeriesMode.Reading:
                cell.Set(value);
                break;
            case SeriesMode.Total when _observedTotals is not null:
                RecordGrowth(cell, value);
                break;
            default:
                cell.Record(value);
                break;
        }
    }

    /// <summary>Called when the collector has read an observable counter: records what all series without a place grew by together.</summary>
    public void EndReading()
    {
        if (_overflowCell is { } cell)
        {
            Grow(cell, _overflowReading);
            _overflowCell = null;
            _overflowReading = 0;
        }
    }

    /// <summary>An observable counter reports its total; what it grew by is recorded. Before the first reading it was zero.</summary>
    private void RecordGrowth(SeriesCell cell, double total)
    {
        if (_family.IsOverflow(cell))
        {
            _overflowCell = cell;
            _overflowReading += total;
        }
        else
        {
            Grow(cell, total);
        }
    }

    private void Grow(SeriesCell cell, double total)
    {
        double growth = total - _observedTotals!.GetValueOrDefault(cell);
        _observedTotals![cell] = total;
        if (growth < 0)
        {
            _health.Reject(RejectReason.CounterReset);
        }
        else if (growth > 0)
        {
            cell.Record(growth);
        }
    }

    private SeriesCell? Resolve(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        MetricTags canonical;
        try
        {
            canonical = MetricTags.FromRecorded(_fixedTags, tags);
        }
        catch (Exception) // A tag value's own ToString threw: the application must not notice that it is measured.
        {
            _health.Reject(RejectReason.Tags);
            return null;
        }

        SeriesCell cell = _family.CellOf(canonical);
        if (!tags.IsEmpty && !_family.IsOverflow(cell) && RecordedTagsComparer.CanKeep(tags))
        {
            if (Interlocked.Increment(ref _knownCount) > _knownLimit || !_known.TryAdd(tags.ToArray(), cell))
            {
                Interlocked.Decrement(ref _knownCount);
            }
        }

        return cell;
    }
}
