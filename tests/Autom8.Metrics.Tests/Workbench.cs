using System.Diagnostics.Metrics;
using Autom8.Metrics.Collection;
using Autom8.Metrics.Prometheus;
using Autom8.Metrics.Queries;
using Autom8.Metrics.Retention;
using Autom8.Metrics.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Metrics.Tests;

/// <summary>A collector over a meter of its own, on virtual time and a store that can go away.</summary>
internal sealed class Workbench : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);

    private readonly List<MetricCollector> _collectors = [];
    private readonly Action<MetricsOptions>? _configure;

    public Workbench(Action<MetricsOptions>? configure = null, IMetricStore? store = null, bool started = true)
    {
        _configure = configure;
        Store = store ?? Memory;
        Meter = new Meter("test." + Guid.NewGuid().ToString("n"));
        Collector = NewCollector(started);
    }

    public FakeTimeProvider Time { get; } = new(Noon);

    public MemoryStore Memory { get; } = new();

    public IMetricStore Store { get; }

    public Meter Meter { get; }

    public MetricCollector Collector { get; private set; }

    public IMetricQuery Query => new MetricQuery(Store, Collector);

    public SeriesSnapshot Series(string metric, params ReadOnlySpan<(string, string?)> tags)
    {
        MetricTags wanted = MetricTags.Create(tags);
        return Collector.Snapshot().Single(s => s.Series.MetricType == metric && s.Series.Tags.Equals(wanted));
    }

    /// <summary>Another life of the process: what is in memory is gone.</summary>
    public async Task KillAndRestartAsync()
    {
        Memory.Away = true;
        await Collector.DisposeAsync();
        Memory.Away = false;
        Collector = NewCollector(started: true);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (MetricCollector collector in _collectors)
        {
            await collector.DisposeAsync();
        }

        Meter.Dispose();
    }

    private MetricCollector NewCollector(bool started)
    {
        var settings = new MetricsOptions { Instance = "node" };
        settings.Meters.Clear();
        settings.Meters.Add(Meter.Name);
        _configure?.Invoke(settings);
        IOptions<MetricsOptions> options = Options.Create(settings);
        var collector = new MetricCollector(
            Store,
            new MetricRetention(Store, options, Time),
            options,
            Time,
            NullLogger<MetricCollector>.Instance
        );
        _collectors.Add(collector);
        if (started)
        {
            Assert.True(collector.StartAsync(default).IsCompletedSuccessfully);
        }

        return collector;
    }
}
