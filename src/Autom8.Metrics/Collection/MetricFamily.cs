using System.Collections.Concurrent;
using Autom8.Metrics.Aggregation;

namespace Autom8.Metrics.Collection;

/// <summary>All series of one metric, whichever instruments of that name record them.</summary>
/// <remarks>
/// Holds at most <paramref name="seriesLimit"/> series. What comes with further tags goes to one overflow series, marked by a tag, so totals stay exact.
/// A series is never taken away while the process lives: a recorder may hold its cell at any time.
/// </remarks>
internal sealed class MetricFamily(
    string name,
    string unit,
    MetricKind kind,
    SeriesMode mode,
    string description,
    int seriesLimit,
    int totalSeriesLimit,
    CollectorHealth health
)
{
    /// <summary>The tag of the overflow series; the name is OpenTelemetry's (metrics SDK, "Cardinality limits").</summary>
    public const string OverflowTag = "otel.metric.overflow";

    private readonly ConcurrentDictionary<MetricTags, SeriesCell> _cells = new();
    private readonly Lock _adding = new();
    private SeriesCell? _overflow;
    private int _count;
    private int _overflowReported;

    public string Name => name;

    public string Unit => unit;

    public MetricKind Kind => kind;

    public SeriesMode Mode => mode;

    public string Description => description;

    /// <summary>The cells that are there now; enumerating takes no lock.</summary>
    public IEnumerable<SeriesCell> Cells
    {
        get
        {
            foreach (KeyValuePair<MetricTags, SeriesCell> cell in _cells)
            {
                yield return cell.Value;
            }
        }
    }

    public bool IsOverflow(SeriesCell cell) => ReferenceEquals(cell, Volatile.Read(ref _overflow));

    /// <summary>The cell of some tags, or the overflow cell when there is no place for another series.</summary>
    public SeriesCell CellOf(MetricTags tags)
    {
        if (_cells.TryGetValue(tags, out SeriesCell? cell))
        {
            return cell;
        }

        if (Volatile.Read(ref _overflow) is { } full)
        {
            return full; // Once full, always full: series are never taken away.
        }

        lock (_adding)
        {
            if (_cells.TryGetValue(tags, out cell))
            {
                return cell;
            }

            if (_overflow is null && _count < seriesLimit && health.TryAddSeries(totalSeriesLimit))
            {
                _count++;
                cell = NewCell(tags);
                _cells[tags] = cell;
                return cell;
            }

            if (_overflow is null)
            {
                MetricTags mark = MetricTags.Create((OverflowTag, "true"));
                SeriesCell overflow = _cells.GetOrAdd(mark, NewCell(mark));
                Volatile.Write(ref _overflow, overflow);
            }

            return _overflow!;
        }
    }

    /// <summary>True once, after the first measurement that found no place; names the tag with the most distinct values.</summary>
    public bool TryReportOverflow(out string culprit)
    {
        culprit = "";
        if (Volatile.Read(ref _overflow) is null || Interlocked.Exchange(ref _overflowReported, 1) == 1)
        {
            return false;
        }

        culprit =
            _cells
                .Keys.SelectMany(tags => tags)
                .GroupBy(tag => tag.Key, StringComparer.Ordinal)
                .OrderByDescending(values => values.Select(tag => tag.Value).Distinct(StringComparer.Ordinal).Count())
                .ThenBy(values => values.Key, StringComparer.Ordinal)
                .FirstOrDefault()
                ?.Key
            ?? "";
        return true;
    }

    private SeriesCell NewCell(MetricTags tags) => new(new SeriesAccumulator(new MetricSeries(name, unit, kind, tags), mode));
}
