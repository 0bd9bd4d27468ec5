using Autom8.Metrics.Aggregation;
using Autom8.Metrics.Collection;
using Autom8.Metrics.Storage;

namespace Autom8.Metrics.Queries;

/// <summary>Adds the store's steps to those of the rows in memory; the memory is looked at first, and the store leaves those rows aside.</summary>
internal sealed class MetricQuery(IMetricStore store, MetricCollector collector) : IMetricQuery
{
    public async ValueTask<MetricSummary> SummarizeAsync(
        MetricSelector selector,
        MetricPeriod period,
        CancellationToken cancellationToken = default
    )
    {
        MetricPeriod whole = period.ToWholeMinutes();
        IReadOnlyList<MetricStep> steps = await StepsAsync(selector, whole, whole.To - whole.From, cancellationToken).ConfigureAwait(false);
        return steps.Count == 0 ? default : steps[0].Summary;
    }

    public ValueTask<IReadOnlyList<MetricStep>> RangeAsync(
        MetricSelector selector,
        MetricPeriod period,
        TimeSpan step,
        CancellationToken cancellationToken = default
    )
    {
        MetricPeriod whole = period.ToWholeMinutes();
        CheckStep(whole.To - whole.From, step);
        return StepsAsync(selector, whole, step, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<MetricSeries>> ListSeriesAsync(
        string? metricType = null,
        CancellationToken cancellationToken = default
    )
    {
        LiveAggregates live = collector.Live();
        var all = new HashSet<MetricSeries>(await store.ListSeriesAsync(metricType, cancellationToken).ConfigureAwait(false));
        foreach (MetricAggregate row in live.Rows)
        {
            if (metricType is null || row.Series.MetricType == metricType)
            {
                all.Add(row.Series);
            }
        }

        return
        [
            .. all.OrderBy(series => series.MetricType, StringComparer.Ordinal)
                .ThenBy(series => series.Tags.ToJson(), StringComparer.Ordinal)
                .ThenBy(series => series.Unit, StringComparer.Ordinal)
                .ThenBy(series => series.Kind),
        ];
    }

    public ValueTask<IReadOnlyList<MetricPoint>> ListPointsAsync(
        string metricType,
        MetricPeriod period,
        int limit = 1_000,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(metricType);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, IMetricQuery.MaxSteps);
        return store.ListPointsAsync(metricType, period, limit, cancellationToken);
    }

    private static void CheckStep(TimeSpan length, TimeSpan step)
    {
        long minutes = (length.Ticks + Minute.Length.Ticks - 1) / Minute.Length.Ticks;
        long least = (minutes + IMetricQuery.MaxSteps - 1) / IMetricQuery.MaxSteps;
        if (step < Minute.Length * least || step.Ticks % Minute.Length.Ticks != 0)
        {
            throw new ArgumentException(
                $"The step is {step:c}; for this period it must be a whole number of minutes and at least {TimeSpan.FromMinutes(least):c}, "
                    + $"so that there are at most {IMetricQuery.MaxSteps} steps.",
                nameof(step)
            );
        }
    }

    private async ValueTask<IReadOnlyList<MetricStep>> StepsAsync(
        MetricSelector selector,
        MetricPeriod period,
        TimeSpan step,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(selector);
        LiveAggregates live = collector.Live();
        var query = new MetricStoreQuery(selector, period, step, live.Cutoffs);
        var steps = new SortedDictionary<DateTimeOffset, MetricSummary>();
        foreach (MetricStep stored in await store.QueryAsync(query, cancellationToken).ConfigureAwait(false))
        {
            steps[stored.Start] = stored.Summary;
        }

        foreach (MetricAggregate row in live.Rows)
        {
            if (row.PeriodStart >= period.From && row.PeriodStart < period.To && selector.Matches(row.Series))
            {
                DateTimeOffset start = period.From + (step * Math.Floor((row.PeriodStart - period.From) / step));
                steps[start] = steps.GetValueOrDefault(start).Merge(row.Summary);
            }
        }

        return [.. steps.Select(static pair => new MetricStep(pair.Key, pair.Value))];
    }
}
