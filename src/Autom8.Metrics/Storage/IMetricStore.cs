using Autom8.Metrics.Aggregation;
using Autom8.Metrics.Queries;

namespace Autom8.Metrics.Storage;

/// <summary>Where aggregates and points are kept. Implementations are thread-safe; several processes may share one store.</summary>
public interface IMetricStore
{
    /// <summary>Writes aggregates, each replacing the row of the same series, resolution, period start, instance and epoch. All of them or none.</summary>
    /// <param name="aggregates">The rows; no two with the same key.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    ValueTask WriteAsync(IReadOnlyList<MetricAggregate> aggregates, CancellationToken cancellationToken);

    /// <summary>Adds points; one whose identifier is there already is left as it is, so that a repeated call adds nothing.</summary>
    /// <param name="points">The points.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    ValueTask AddPointsAsync(IReadOnlyList<MetricPoint> points, CancellationToken cancellationToken);

    /// <summary>Adds up one-minute aggregates by steps, over all series that match, all instances and all epochs.</summary>
    /// <param name="query">What to add up.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The steps that have measurements, in order of time.</returns>
    ValueTask<IReadOnlyList<MetricStep>> QueryAsync(MetricStoreQuery query, CancellationToken cancellationToken);

    /// <summary>The series that are kept, ordered by metric type and tags.</summary>
    /// <param name="metricType">Only those of this metric; null for all.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    ValueTask<IReadOnlyList<MetricSeries>> ListSeriesAsync(string? metricType, CancellationToken cancellationToken);

    /// <summary>The explicit points of a metric, in order of time.</summary>
    /// <param name="metricType">The metric.</param>
    /// <param name="period">The period, half-open.</param>
    /// <param name="limit">How many at most; the earliest are returned.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    ValueTask<IReadOnlyList<MetricPoint>> ListPointsAsync(
        string metricType,
        MetricPeriod period,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>Removes a bounded number of old rows, and series that have none left and have not been written since.</summary>
    /// <param name="aggregatesBefore">Aggregates that ended at or before this instant go.</param>
    /// <param name="pointsBefore">Points earlier than this instant go.</param>
    /// <param name="limit">How many rows of each table at most.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns>How many rows were removed; 0 when nothing old is left.</returns>
    ValueTask<int> PruneAsync(DateTimeOffset aggregatesBefore, DateTimeOffset pointsBefore, int limit, CancellationToken cancellationToken);
}

/// <summary>What a store is asked to add up.</summary>
/// <param name="Selector">Which series.</param>
/// <param name="Period">Which minutes; whole ones.</param>
/// <param name="Step">The length of a step, a whole number of minutes; steps are counted from the period's beginning.</param>
/// <param name="Except">Rows to leave aside: the caller has newer ones in memory.</param>
public sealed record MetricStoreQuery(MetricSelector Selector, MetricPeriod Period, TimeSpan Step, IReadOnlyList<EpochCutoff> Except);
