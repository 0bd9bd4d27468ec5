using Autom8.Metrics.Queries;

namespace Autom8.Metrics.Prometheus;

/// <summary>The state of a series since the process began: what a scrape shows.</summary>
/// <param name="Series">The series.</param>
/// <param name="Description">What the instrument says about itself; empty for nothing.</param>
/// <param name="Lifetime">All measurements since the process began.</param>
/// <param name="Recent">Those of the running minute and the one before it.</param>
/// <param name="Last">A gauge's latest value, an up-down counter's level.</param>
public sealed record SeriesSnapshot(MetricSeries Series, string Description, MetricSummary Lifetime, MetricSummary Recent, double Last);
