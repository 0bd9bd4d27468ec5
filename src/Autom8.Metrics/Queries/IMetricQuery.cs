namespace Autom8.Metrics.Queries;

/// <summary>Answers from the store and from what is still in memory, the running minute included. Thread-safe.</summary>
/// <remarks>
/// Aggregates are kept by the minute, so a period is widened to whole minutes. The answer merges every series that matches, of every instance:
/// counts and sums are added, the average is their quotient, never an average of averages.
/// </remarks>
public interface IMetricQuery
{
    /// <summary>The most steps that <see cref="RangeAsync"/> returns (the bound that Prometheus uses).</summary>
    const int MaxSteps = 11_000;

    /// <summary>Count, sum, average, min and max over a period.</summary>
    /// <param name="selector">Which series.</param>
    /// <param name="period">Which time.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    ValueTask<MetricSummary> SummarizeAsync(MetricSelector selector, MetricPeriod period, CancellationToken cancellationToken = default);

    /// <summary>The same by steps, counted from the period's beginning; steps without a measurement are left out.</summary>
    /// <param name="selector">Which series.</param>
    /// <param name="period">Which time.</param>
    /// <param name="step">The length of a step: a whole number of minutes, so long that there are at most <see cref="MaxSteps"/>.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="ArgumentException">The step is not a whole number of minutes or there would be too many; the message names the smallest that is right.</exception>
    ValueTask<IReadOnlyList<MetricStep>> RangeAsync(
        MetricSelector selector,
        MetricPeriod period,
        TimeSpan step,
        CancellationToken cancellationToken = default
    );

    /// <summary>The series that are known, ordered by metric type and tags.</summary>
    /// <param name="metricType">Only those of this metric; null for all.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    ValueTask<IReadOnlyList<MetricSeries>> ListSeriesAsync(string? metricType = null, CancellationToken cancellationToken = default);

    /// <summary>The explicit points of a metric that have been written, the earliest first.</summary>
    /// <param name="metricType">The metric.</param>
    /// <param name="period">Which time, half-open.</param>
    /// <param name="limit">How many at most: 1 to <see cref="MaxSteps"/>.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    ValueTask<IReadOnlyList<MetricPoint>> ListPointsAsync(
        string metricType,
        MetricPeriod period,
        int limit = 1_000,
        CancellationToken cancellationToken = default
    );
}
