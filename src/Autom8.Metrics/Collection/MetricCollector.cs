using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Autom8.Metrics.Aggregation;
using Autom8.Metrics.Prometheus;
using Autom8.Metrics.Retention;
using Autom8.Metrics.Storage;
using Autom8.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Autom8.Metrics.Collection;

/// <summary>Collects the process's meters and writes one-minute aggregates to the store.</summary>
/// <remarks>
/// <para>Recording costs the application a look-up and four numbers: it never waits, neither for the store nor for a collection, and allocates nothing
/// for a series it has seen. Values that are not finite, or beyond ±1e290, are refused and counted in <c>autom8.metrics.rejected</c>.</para>
/// <para>A timer collects every <see cref="MetricsOptions.FlushInterval"/> and at every minute's end; a task of its own then writes. While the store is
/// away, closed minutes wait in memory; what exceeds the bound is counted in <c>autom8.metrics.dropped</c>. A crash loses at most one interval.</para>
/// <para>Counts, sums, minima and maxima of a row agree with one another; at a boundary a measurement may fall on either side by as much as the timer is late.</para>
/// </remarks>
public sealed partial class MetricCollector : IHostedService, IMetricRecorder, IAsyncDisposable
{
    private const int BatchSize = 5_000;
    private static readonly TimeSpan s_pruneInterval = TimeSpan.FromDays(1);

    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CollectorHealth _health;
    private readonly MeasurementListener _listener;
    private readonly MinuteAggregator _aggregator;
    private readonly PointQueue _points;
    private readonly IMetricStore _store;
    private readonly MetricRetention _retention;
    private readonly MetricsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<MetricCollector> _log;
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;
    private long? _prunedAt;
    private bool _storeAway;

    /// <summary>Creates a collector; <see cref="StartAsync"/> begins to listen.</summary>
    /// <param name="store">Where aggregates and points are kept.</param>
    /// <param name="retention">What removes old ones.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where warnings go.</param>
    /// <param name="meters">Makes the collector's own meter; null for a plain one.</param>
    public MetricCollector(
        IMetricStore store,
        MetricRetention retention,
        IOptions<MetricsOptions> options,
        TimeProvider time,
        ILogger<MetricCollector> log,
        IMeterFactory? meters = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _store = store;
        _retention = retention;
        _options = options.Value;
        _time = time;
        _log = log;
        _health = new CollectorHealth(meters);
        _listener = new MeasurementListener(_options, _health, log);
        _aggregator = new MinuteAggregator(_listener, _health, time, _options.Instance, _options.QueueCapacity);
        _points = new PointQueue(_options.PointQueueCapacity);
    }

    internal CollectorHealth Health => _health;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        _timer = _time.CreateTimer(static state => ((MetricCollector)state!).Tick(), this, UntilNextTick(), Timeout.InfiniteTimeSpan);
        _loop = Task.Run(WriteWhenDueAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Collects a last time, writes everything and stops listening.</summary>
    /// <param name="cancellationToken">Gives up waiting for the store.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_timer is { } timer)
        {
            _timer = null;
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        _due.Writer.TryComplete();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        try
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogLastFlushFailed(e);
        }

        _listener.Dispose();
    }

    /// <summary>Collects now and writes what the store does not have yet. Calling it again at once writes nothing new.</summary>
    /// <param name="cancellationToken">Cancels the write; nothing is lost by it.</param>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        _aggregator.Collect(observe: true);
        return WriteAsync(cancellationToken);
    }

    /// <summary>The state of every series since the process began, observable instruments read just now.</summary>
    public IReadOnlyList<SeriesSnapshot> Snapshot() => _aggregator.Snapshot();

    /// <inheritdoc />
    public void AddPoint(string metricType, double value, string? unit = null, DateTimeOffset? timestamp = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(metricType);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(metricType.Length, CanonicalText.MaxLength, nameof(metricType));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unit?.Length ?? 0, CanonicalText.MaxLength, nameof(unit));
        if (MeasurementRange.Refuse(value, MetricKind.Gauge) is { } reason)
        {
            throw new ArgumentException($"A point's value must be a finite number of at most ±1e290 (refused: {reason}).", nameof(value));
        }

        DateTimeOffset now = _time.GetUtcNow();
        var point = new MetricPoint(
            Guid.CreateVersion7(now),
            CanonicalText.Of(metricType),
            MeasurementRange.Normal(value),
            CanonicalText.Of(unit),
            (timestamp ?? now).ToMicroseconds()
        );
        _health.Drop(_points.Add(point));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_timer is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        _due.Writer.TryComplete();
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
        }

        await _loop.ConfigureAwait(false);
        _listener.Dispose();
        _health.Dispose();
        _stopping.Dispose();
        _writing.Dispose();
    }

    internal LiveAggregates Live() => _aggregator.Live();

    private void Tick()
    {
        _aggregator.Collect(observe: true);
        _listener.ReportOverflows();
        _due.Writer.TryWrite(true);
        _timer?.Change(UntilNextTick(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The next multiple of the interval on the clock, or the open minute's end if that comes first.</summary>
    private TimeSpan UntilNextTick()
    {
        DateTimeOffset now = _time.GetUtcNow();
        long interval = _options.FlushInterval.Ticks;
        TimeSpan untilFlush = TimeSpan.FromTicks(interval - (now.UtcTicks % interval));
        TimeSpan untilEnd = _aggregator.OpenUntil - now;
        TimeSpan least = TimeSpan.FromMilliseconds(1);
        TimeSpan next = untilEnd < untilFlush ? untilEnd : untilFlush;
        return next < least ? least : next;
    }

    private async Task WriteWhenDueAsync()
    {
        try
        {
            while (await _due.Reader.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
            {
                _due.Reader.TryRead(out _);
                await WriteAndPruneAsync(_stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The last flush is StopAsync's.
        }
    }

    private async ValueTask WriteAndPruneAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(cancellationToken).ConfigureAwait(false);
            if (_storeAway)
            {
                _storeAway = false;
                LogStoreBack();
            }

            if (_prunedAt is not { } prunedAt || _time.GetElapsedTime(prunedAt) >= s_pruneInterval)
            {
                _prunedAt = _time.GetTimestamp();
                await _retention.PruneAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_storeAway)
            {
                _storeAway = true;
                LogStoreAway(e);
            }
        }
    }

    private async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (_aggregator.PeekSealed() is { } period)
            {
                foreach (MetricAggregate[] batch in period.Rows.Chunk(BatchSize))
                {
                    await _store.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                }

                _aggregator.RemoveSealed(period);
            }

            foreach (MetricAggregate[] batch in _aggregator.UnwrittenOpenRows().Chunk(BatchSize))
            {
                await _store.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                _aggregator.MarkWritten(batch);
            }

            while (_points.Peek(BatchSize) is { Count: > 0 } points)
            {
                await _store.AddPointsAsync(points, cancellationToken).ConfigureAwait(false);
                _points.Remove(points);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    [LoggerMessage(
        10,
        LogLevel.Warning,
        "Metrics cannot be written; they are kept in memory, within their bounds, until the store is back."
    )]
    private partial void LogStoreAway(Exception exception);

    [LoggerMessage(11, LogLevel.Information, "Metrics are written again.")]
    private partial void LogStoreBack();

    [LoggerMessage(12, LogLevel.Warning, "The last metrics could not be written and are lost.")]
    private partial void LogLastFlushFailed(Exception exception);
}
