using System.ComponentModel;
using Autom8.Metrics.Queries;

namespace Autom8.Hosting;

/// <summary>The answer to a metric query as it is cached. Nobody changes it.</summary>
[ImmutableObject(true)]
internal sealed record CachedRange(IReadOnlyList<CachedStep> Steps)
{
    public static CachedRange From(IReadOnlyList<MetricStep> steps) =>
        new([
            .. steps.Select(static step => new CachedStep(
                step.Start,
                step.Summary.Count,
                step.Summary.Sum,
                step.Summary.Min ?? 0,
                step.Summary.Max ?? 0
            )),
        ]);

    public IReadOnlyList<MetricStep> ToSteps() =>
        [.. Steps.Select(static step => new MetricStep(step.Start, new MetricSummary(step.Count, step.Sum, step.Min, step.Max)))];
}

/// <summary>One step of it.</summary>
internal readonly record struct CachedStep(DateTimeOffset Start, long Count, double Sum, double Min, double Max);
