using Autom8.Metrics.Collection;
using Autom8.Metrics.Queries;

namespace Autom8.Metrics.Aggregation;

/// <summary>The state of one series in the open period and over the process's life. Used only under the aggregator's lock.</summary>
internal sealed class SeriesAccumulator(MetricSeries series, SeriesMode mode)
{
    public MetricSeries Series => series;

    /// <summary>The open period so far.</summary>
    public MetricSummary Period { get; private set; }

    /// <summary>The period before the open one.</summary>
    public MetricSummary Previous { get; private set; }

    /// <summary>Everything since the process began.</summary>
    public MetricSummary Lifetime { get; private set; }

    /// <summary>The latest value of a gauge, or the level of an up-down counter.</summary>
    public double Last { get; private set; }

    /// <summary>The identifier of the open period's row; empty until there is one.</summary>
    public Guid RowId { get; set; }

    /// <summary>How many of the open period's measurements are in the store.</summary>
    public long Written { get; set; }

    /// <summary>Takes what the recorders left in the cell.</summary>
    public void Drain(SeriesCell cell)
    {
        CellDelta delta = cell.Drain();
        if (delta.Count == 0)
        {
            return;
        }

        if (mode == SeriesMode.Level)
        {
            Last += delta.Sum;
            return;
        }

        Add(new MetricSummary(delta.Count, delta.Sum, delta.Min, delta.Max));
        if (series.Kind != MetricKind.Counter)
        {
            Last = cell.Last;
        }
    }

    /// <summary>Takes the present level as a sample.</summary>
    public void SampleLevel() => Add(new MetricSummary(1, Last, Last, Last));

    /// <summary>Begins the next period.</summary>
    public void Roll(bool follows)
    {
        Previous = follows ? Period : default;
        Period = default;
        RowId = default;
        Written = 0;
    }

    private void Add(in MetricSummary sample)
    {
        Period = Period.Merge(sample);
        Lifetime = Lifetime.Merge(sample);
    }
}
