using System.Diagnostics.Metrics;
using Autom8.Metrics.Queries;
using Autom8.Metrics.Storage;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Metrics.Tests.Queries;

public sealed class MetricQueryTests : IAsyncLifetime
{
    private static readonly MetricPeriod s_hour = new(Workbench.Noon, Workbench.Noon.AddHours(1));

    private readonly TemporaryFolder _folder = new();
    private ServiceProvider _services = null!;
    private Workbench _bench = null!;

    public Task InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddAutom8Metrics().UseSqlite("Data Source=" + _folder.Combine("metrics.db"));
        _services = services.BuildServiceProvider();
        _bench = new Workbench(store: _services.GetRequiredService<IMetricStore>());
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _bench.DisposeAsync();
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_running_minute_is_in_the_answer_and_counts_once_however_often_it_was_written()
    {
        Histogram<double> histogram = _bench.Meter.CreateHistogram<double>("h");
        for (int i = 1; i <= 5; i++)
        {
            histogram.Record(i);
            Assert.Equal(new MetricSummary(i, i * (i + 1) / 2, 1, i), await _bench.Query.SummarizeAsync(new("h"), s_hour));
            await _bench.Collector.FlushAsync();
            Assert.Equal(new MetricSummary(i, i * (i + 1) / 2, 1, i), await _bench.Query.SummarizeAsync(new("h"), s_hour));
            _bench.Time.Advance(TimeSpan.FromSeconds(25)); // from 12:00:00 to 12:01:40, over a boundary
        }
    }

    [Fact]
    public async Task A_range_has_the_steps_of_store_and_memory()
    {
        Counter<int> counter = _bench.Meter.CreateCounter<int>("c");
        for (int minute = 0; minute < 10; minute++)
        {
            counter.Add(1 << minute, new KeyValuePair<string, object?>("route", minute % 2 == 0 ? "/even" : "/odd"));
            if (minute == 6)
            {
                await _bench.Collector.FlushAsync();
            }

            _bench.Time.Advance(TimeSpan.FromMinutes(minute == 9 ? 0 : 1));
        }

        IReadOnlyList<MetricStep> steps = await _bench.Query.RangeAsync(new("c"), s_hour, TimeSpan.FromMinutes(4));
        Assert.Equal([15.0, 240, 768], steps.Select(s => s.Summary.Sum));
        Assert.Equal([Workbench.Noon, Workbench.Noon.AddMinutes(4), Workbench.Noon.AddMinutes(8)], steps.Select(s => s.Start));
        MetricSummary odd = await _bench.Query.SummarizeAsync(new("c", MetricTags.Create(("route", "/odd"))), s_hour);
        Assert.Equal(2 + 8 + 32 + 128 + 512, odd.Sum);
    }

    [Fact]
    public async Task A_period_is_widened_to_whole_minutes()
    {
        _bench.Meter.CreateCounter<int>("c").Add(3);
        var inside = new MetricPeriod(Workbench.Noon.AddSeconds(20), Workbench.Noon.AddSeconds(21));
        Assert.Equal(3, (await _bench.Query.SummarizeAsync(new("c"), inside)).Sum);
        var before = new MetricPeriod(Workbench.Noon.AddSeconds(-20), Workbench.Noon);
        Assert.Equal(0, (await _bench.Query.SummarizeAsync(new("c"), before)).Count);
    }

    [Fact]
    public async Task An_average_is_never_an_average_of_averages()
    {
        Histogram<int> histogram = _bench.Meter.CreateHistogram<int>("h");
        for (int i = 0; i < 99; i++)
        {
            histogram.Record(1);
        }

        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        histogram.Record(101);
        Assert.Equal(2, (await _bench.Query.SummarizeAsync(new("h"), s_hour)).Average);
        Assert.Null((await _bench.Query.SummarizeAsync(new("nothing"), s_hour)).Average);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-60)]
    [InlineData(30)]
    [InlineData(90)]
    public async Task A_step_must_be_a_whole_number_of_minutes(int seconds)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(async () =>
            await _bench.Query.RangeAsync(new("c"), s_hour, TimeSpan.FromSeconds(seconds))
        );
        Assert.Contains("at least 00:01:00", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_steps_are_refused_with_the_step_that_is_right()
    {
        var month = new MetricPeriod(Workbench.Noon.AddDays(-30), Workbench.Noon); // 43,200 minutes
        var error = await Assert.ThrowsAsync<ArgumentException>(async () =>
            await _bench.Query.RangeAsync(new("c"), month, TimeSpan.FromMinutes(3))
        );
        Assert.Contains("at least 00:04:00", error.Message, StringComparison.Ordinal);
        Assert.Empty(await _bench.Query.RangeAsync(new("c"), month, TimeSpan.FromMinutes(4)));
    }

    [Fact]
    public void A_period_must_end_after_it_begins()
    {
        Assert.Throws<ArgumentException>(() => new MetricPeriod(Workbench.Noon, Workbench.Noon));
    }

    [Fact]
    public async Task All_time_can_be_asked_for()
    {
        _bench.Meter.CreateCounter<int>("c").Add(3);
        await _bench.Collector.FlushAsync();
        _bench.Time.Advance(TimeSpan.FromMinutes(5));
        await _bench.Collector.FlushAsync();
        Assert.Equal(3, (await _bench.Query.SummarizeAsync(new("c"), new(DateTimeOffset.MinValue, DateTimeOffset.MaxValue))).Sum);
    }

    [Fact]
    public async Task Series_of_store_and_memory_are_listed_once()
    {
        _bench.Meter.CreateCounter<int>("b").Add(1);
        await _bench.Collector.FlushAsync();
        _bench.Meter.CreateCounter<int>("b").Add(1);
        _bench.Meter.CreateCounter<int>("a").Add(1);
        Assert.Equal(["a", "b"], (await _bench.Query.ListSeriesAsync()).Select(s => s.MetricType));
        Assert.Equal(["b"], (await _bench.Query.ListSeriesAsync("b")).Select(s => s.MetricType));
    }

    [Fact]
    public async Task Explicit_points_come_back()
    {
        _bench.Collector.AddPoint("nightly.rows", 42, "{row}", Workbench.Noon.AddMinutes(5).AddTicks(7));
        _bench.Collector.AddPoint("nightly.rows", 43);
        await _bench.Collector.FlushAsync();
        IReadOnlyList<MetricPoint> points = await _bench.Query.ListPointsAsync("nightly.rows", s_hour);
        Assert.Equal([43.0, 42], points.Select(p => p.Value));
        Assert.Equal(["", "{row}"], points.Select(p => p.Unit));
        Assert.Equal([Workbench.Noon, Workbench.Noon.AddMinutes(5)], points.Select(p => p.Timestamp));
    }
}
