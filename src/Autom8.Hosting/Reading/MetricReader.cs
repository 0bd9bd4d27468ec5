using System.Globalization;
using Autom8.Caching;
using Autom8.Metrics;
using Autom8.Metrics.Queries;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Hosting;

/// <summary>Metrics for those who look at them again and again, such as dashboards: the same question is put to the store once for all who ask it at about the same time.</summary>
/// <remarks>
/// Thread-safe. A period that is over is answered from both tiers of the cache for up to five seconds. One that reaches into the last five minutes is answered from this process's memory alone, for up to one second:
/// the answer holds what this node has measured and not yet written, which another node's answer does not. Whoever needs the very latest asks <see cref="IMetricQuery"/>.
/// </remarks>
public sealed class MetricReader
{
    private static readonly TimeSpan StillMoving = TimeSpan.FromMinutes(5);

    private static readonly HybridCacheEntryOptions Moving = new()
    {
        Expiration = TimeSpan.FromSeconds(1),
        Flags = HybridCacheEntryFlags.DisableDistributedCache,
    };

    // Half of the five seconds in each tier: where the clocks of two nodes differ, both may count.
    private static readonly HybridCacheEntryOptions Over = new() { Expiration = TimeSpan.FromSeconds(2.5) };

    private readonly IMetricQuery _query;
    private readonly TieredCache _cache;
    private readonly TimeProvider _time;

    internal MetricReader(IMetricQuery query, TieredCache cache, TimeProvider time) => (_query, _cache, _time) = (query, cache, time);

    /// <inheritdoc cref="IMetricQuery.RangeAsync"/>
    public async ValueTask<IReadOnlyList<MetricStep>> RangeAsync(
        MetricSelector selector,
        MetricPeriod period,
        TimeSpan step,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(selector);
        var whole = period.ToWholeMinutes();
        var range = await _cache
            .GetOrCreateAsync(
                Key(selector, whole, step),
                (_query, selector, whole, step),
                static async (asked, ct) =>
                    CachedRange.From(await asked._query.RangeAsync(asked.selector, asked.whole, asked.step, ct).ConfigureAwait(false)),
                whole.To + StillMoving > _time.GetUtcNow() ? Moving : Over,
                cancellationToken: cancellationToken
            )
            .ConfigureAwait(false);
        return range.ToSteps();
    }

    /// <inheritdoc cref="IMetricQuery.ListSeriesAsync"/>
    public async ValueTask<IReadOnlyList<MetricSeries>> ListSeriesAsync(
        string? metricType = null,
        CancellationToken cancellationToken = default
    )
    {
        var series = await _cache
            .GetOrCreateAsync(
                metricType is null ? ReadCachePolicy.Metrics + "series" : ReadCachePolicy.Metrics + "series:" + metricType,
                (_query, metricType),
                static async (asked, ct) =>
                    CachedSeries.From(await asked._query.ListSeriesAsync(asked.metricType, ct).ConfigureAwait(false)),
                Moving,
                cancellationToken: cancellationToken
            )
            .ConfigureAwait(false);
        return series.ToSeries();
    }

    // Texts are led by their length: no name can be mistaken for a name and a tag.
    private static string Key(MetricSelector selector, MetricPeriod period, TimeSpan step)
    {
        var tags = selector.Tags?.ToJson() ?? "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ReadCachePolicy.Metrics}range:{period.From.Ticks}:{period.To.Ticks}:{step.Ticks}:{selector.MetricType.Length}:{selector.MetricType}:{tags.Length}:{tags}:{(selector.Unit is null ? "" : "unit")}:{selector.Unit}"
        );
    }
}
