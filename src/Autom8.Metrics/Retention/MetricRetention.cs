using Autom8.Metrics.Storage;
using Microsoft.Extensions.Options;

namespace Autom8.Metrics.Retention;

/// <summary>Removes what is older than the settings keep. The collector runs it once a day; it may also be called at any time, by several processes.</summary>
public sealed class MetricRetention
{
    private const int BatchSize = 5_000;

    private readonly IMetricStore _store;
    private readonly TimeProvider _time;
    private readonly MetricsOptions _options;

    /// <summary>Creates the retention of a store.</summary>
    /// <param name="store">Where to remove.</param>
    /// <param name="options">How long to keep.</param>
    /// <param name="time">The clock.</param>
    public MetricRetention(IMetricStore store, IOptions<MetricsOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _store = store;
        _time = time;
        _options = options.Value;
    }

    /// <summary>Removes old aggregates and points in batches of at most 5,000 rows, so that writers are never held up for long.</summary>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>How many rows were removed.</returns>
    public async ValueTask<long> PruneAsync(CancellationToken cancellationToken = default)
    {
        DateTimeOffset now = _time.GetUtcNow();
        long total = 0;
        while (true)
        {
            int removed = await _store
                .PruneAsync(now - _options.RetainAggregates, now - _options.RetainPoints, BatchSize, cancellationToken)
                .ConfigureAwait(false);
            total += removed;
            if (removed == 0)
            {
                return total;
            }
        }
    }
}
