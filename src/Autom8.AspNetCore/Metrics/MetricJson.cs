using Autom8.Metrics;
using Autom8.Metrics.Queries;

namespace Autom8.AspNetCore;

/// <summary>A series: one instrument with one set of tags.</summary>
/// <param name="Name">The instrument.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Kind">What kind of instrument it is.</param>
/// <param name="Tags">Its tags.</param>
public sealed record SeriesResponse(string Name, string? Unit, MetricKind Kind, IReadOnlyDictionary<string, string> Tags);

/// <summary>The series that are kept.</summary>
/// <param name="Items">The series.</param>
public sealed record SeriesListResponse(IReadOnlyList<SeriesResponse> Items);

/// <summary>Measurements in brief. The average is the sum by the count, never an average of averages.</summary>
/// <param name="Count">How many.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="Average">Null when there is none.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
public sealed record SummaryResponse(long Count, double Sum, double? Average, double? Min, double? Max)
{
    internal static SummaryResponse From(MetricSummary summary) => new(summary.Count, summary.Sum, summary.Average, summary.Min, summary.Max);
}

/// <summary>What was measured in one step.</summary>
/// <param name="Start">When the step begins.</param>
/// <param name="Summary">The measurements.</param>
public sealed record StepResponse(DateTimeOffset Start, SummaryResponse Summary);

/// <summary>The answer to a query.</summary>
/// <param name="Name">The metric.</param>
/// <param name="From">The period's beginning, at a whole minute.</param>
/// <param name="To">Its end, not included.</param>
/// <param name="StepMinutes">The length of a step.</param>
/// <param name="Summary">The whole period.</param>
/// <param name="Steps">By steps; those without a measurement are left out.</param>
public sealed record MetricQueryResponse(
    string Name,
    DateTimeOffset From,
    DateTimeOffset To,
    int StepMinutes,
    SummaryResponse Summary,
    IReadOnlyList<StepResponse> Steps
);
