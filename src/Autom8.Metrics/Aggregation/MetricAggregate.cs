using Autom8.Metrics.Queries;

namespace Autom8.Metrics.Aggregation;

/// <summary>What one process measured of one series in one period: the row that is stored.</summary>
/// <remarks>
/// A row is identified by (series, resolution, period start, instance, epoch) and always written whole: writing it again, or a later state of it,
/// replaces it. Nothing is ever added up in the database, so a repeated flush changes nothing.
/// </remarks>
/// <param name="Id">UUIDv7 of the row; the first writer's is kept.</param>
/// <param name="Series">The series.</param>
/// <param name="PeriodStart">The beginning of the period, UTC; included.</param>
/// <param name="Resolution">The length of the period; a whole number of seconds.</param>
/// <param name="Instance">The name of the process.</param>
/// <param name="Epoch">One life of the process, or the part of it after its clock went back: two epochs never share a row.</param>
/// <param name="Summary">Count, sum, min and max; the count is positive.</param>
public sealed record MetricAggregate(
    Guid Id,
    MetricSeries Series,
    DateTimeOffset PeriodStart,
    TimeSpan Resolution,
    string Instance,
    Guid Epoch,
    MetricSummary Summary
)
{
    /// <summary>The end of the period, UTC; not included.</summary>
    public DateTimeOffset PeriodEnd => PeriodStart + Resolution;
}
