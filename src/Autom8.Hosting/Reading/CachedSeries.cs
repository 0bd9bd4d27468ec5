using System.ComponentModel;
using Autom8.Metrics;

namespace Autom8.Hosting;

/// <summary>A list of series as it is cached. Nobody changes it.</summary>
[ImmutableObject(true)]
internal sealed record CachedSeries(IReadOnlyList<CachedSeriesItem> Items)
{
    public static CachedSeries From(IReadOnlyList<MetricSeries> series) =>
        new([.. series.Select(static one => new CachedSeriesItem(one.MetricType, one.Unit, one.Kind, one.Tags.ToJson()))]);

    public IReadOnlyList<MetricSeries> ToSeries() =>
        [.. Items.Select(static item => new MetricSeries(item.MetricType, item.Unit, item.Kind, MetricTags.FromJson(item.Tags)))];
}

/// <summary>One of them; its tags as JSON.</summary>
internal sealed record CachedSeriesItem(string MetricType, string Unit, MetricKind Kind, string Tags);
