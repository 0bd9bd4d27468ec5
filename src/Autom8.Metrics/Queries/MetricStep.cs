namespace Autom8.Metrics.Queries;

/// <summary>What was measured in one step of a range.</summary>
/// <param name="Start">The step's beginning, UTC, included; it ends where the next one may begin.</param>
/// <param name="Summary">The measurements; there is at least one.</param>
public readonly record struct MetricStep(DateTimeOffset Start, MetricSummary Summary);
