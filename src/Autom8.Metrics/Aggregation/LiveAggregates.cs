namespace Autom8.Metrics.Aggregation;

/// <summary>The aggregates that are in memory. For each epoch they are complete from one minute on, so the store's rows from there are left aside.</summary>
internal sealed record LiveAggregates(IReadOnlyList<MetricAggregate> Rows, IReadOnlyList<EpochCutoff> Cutoffs);

/// <summary>Rows of an epoch that begin at or after an instant.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="From">The instant, UTC.</param>
public readonly record struct EpochCutoff(Guid Epoch, DateTimeOffset From);
