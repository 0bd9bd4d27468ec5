namespace Autom8.Metrics.Aggregation;

/// <summary>A closed period of one epoch with all its rows, which waits to be written.</summary>
internal sealed record SealedPeriod(Guid Epoch, DateTimeOffset Start, IReadOnlyList<MetricAggregate> Rows);
