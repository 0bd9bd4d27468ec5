using System.Diagnostics.Metrics;
using Autom8.Metrics.Collection;
using Autom8.Metrics.Queries;

namespace Autom8.Metrics.Tests.Collection;

public sealed class ObservableTests
{
    [Fact]
    public async Task An_observable_counter_is_recorded_by_its_growth()
    {
        await using var bench = new Workbench();
        long total = 100;
        bench.Meter.CreateObservableCounter("c", () => total);
        await bench.Collector.FlushAsync();
        total = 130;
        await bench.Collector.FlushAsync();
        await bench.Collector.FlushAsync();
        Assert.Equal(new MetricSummary(2, 130, 30, 100), bench.Memory.Rows.Single().Summary);
        Assert.Equal(130, bench.Series("c").Lifetime.Sum);
    }

    [Fact]
    public async Task An_observable_counter_that_goes_back_is_counted_and_goes_on_from_there()
    {
        await using var bench = new Workbench();
        long total = 100;
        bench.Meter.CreateObservableCounter("c", () => total);
        Assert.Equal(100, bench.Series("c").Lifetime.Sum);
        total = 10;
        Assert.Equal(100, bench.Series("c").Lifetime.Sum);
        total = 15;
        Assert.Equal(105, bench.Series("c").Lifetime.Sum);
        Assert.Equal(1, bench.Collector.Health.Rejected("counter_reset"));
    }

    [Fact]
    public async Task Two_observable_counters_of_one_name_are_followed_apart()
    {
        await using var bench = new Workbench();
        using var other = new Meter(bench.Meter.Name);
        long one = 10;
        long two = 1000;
        bench.Meter.CreateObservableCounter("c", () => one);
        other.CreateObservableCounter("c", () => two);
        Assert.Equal(1010, bench.Series("c").Lifetime.Sum);
        one = 11;
        two = 1002;
        Assert.Equal(1013, bench.Series("c").Lifetime.Sum);
        Assert.Equal(0, bench.Collector.Health.Rejected("counter_reset"));
    }

    [Fact]
    public async Task Totals_stay_exact_when_an_observable_counter_has_too_many_series()
    {
        await using var bench = new Workbench(o => o.SeriesLimit = 3);
        long each = 5;
        bench.Meter.CreateObservableCounter(
            "c",
            () => Enumerable.Range(0, 20).Select(i => new Measurement<long>(each, new KeyValuePair<string, object?>("i", i)))
        );
        Assert.Equal(100, bench.Collector.Snapshot().Sum(s => s.Lifetime.Sum));
        each = 7;
        Assert.Equal(140, bench.Collector.Snapshot().Sum(s => s.Lifetime.Sum));
        Assert.Equal(17 * 7, bench.Series("c", (MetricFamily.OverflowTag, "true")).Lifetime.Sum);
    }

    [Fact]
    public async Task A_gauge_that_is_read_at_a_boundary_belongs_to_the_new_minute_and_growth_to_the_old()
    {
        await using var bench = new Workbench();
        int value = 1;
        bench.Meter.CreateObservableGauge("g", () => value);
        bench.Meter.CreateObservableCounter("c", () => (long)value);
        await bench.Collector.FlushAsync();
        bench.Time.Advance(TimeSpan.FromSeconds(59));
        value = 10;
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await bench.Collector.FlushAsync();
        var rows = bench.Memory.Rows;
        Assert.Equal(
            [1.0],
            rows.Where(r => r.Series.MetricType == "g" && r.PeriodStart == Workbench.Noon).Select(r => r.Summary.Max!.Value)
        );
        Assert.Equal(10, rows.Single(r => r.Series.MetricType == "g" && r.PeriodStart > Workbench.Noon).Summary.Min);
        Assert.Equal(10, rows.Single(r => r.Series.MetricType == "c").Summary.Sum);
        Assert.Equal(Workbench.Noon, rows.Single(r => r.Series.MetricType == "c").PeriodStart);
    }

    [Fact]
    public async Task A_callback_that_throws_leaves_the_others_alone()
    {
        await using var bench = new Workbench();
        bench.Meter.CreateObservableGauge("bad", new Func<int>(() => throw new InvalidOperationException()));
        bench.Meter.CreateObservableGauge("good", () => 7);
        Assert.Equal(7, bench.Series("good").Last);
        Assert.True(bench.Collector.Health.Rejected("callback") >= 1);
    }

    [Fact]
    public async Task A_callback_that_asks_for_the_metrics_gets_them()
    {
        await using var bench = new Workbench();
        bench.Meter.CreateCounter<int>("c").Add(4);
        Workbench closed = bench;
        bench.Meter.CreateObservableGauge("g", () => closed.Collector.Snapshot().Count);
        Assert.Equal(2, bench.Collector.Snapshot().Count);
        Assert.Equal(2, bench.Series("g").Last);
    }

    [Fact]
    public async Task A_meter_that_is_disposed_keeps_its_totals()
    {
        await using var bench = new Workbench();
        using (var brief = new Meter(bench.Meter.Name))
        {
            brief.CreateCounter<int>("c").Add(4);
        }

        using (var again = new Meter(bench.Meter.Name))
        {
            again.CreateCounter<int>("c").Add(5);
        }

        Assert.Equal(9, bench.Series("c").Lifetime.Sum);
    }
}
