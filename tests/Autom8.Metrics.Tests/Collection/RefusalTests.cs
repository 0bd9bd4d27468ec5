using System.Diagnostics.Metrics;
using Autom8.Metrics.Collection;

namespace Autom8.Metrics.Tests.Collection;

public sealed class RefusalTests
{
    [Theory]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.PositiveInfinity, "infinite")]
    [InlineData(double.NegativeInfinity, "infinite")]
    [InlineData(double.MaxValue, "range")]
    [InlineData(-1e291, "range")]
    public async Task Values_that_would_poison_a_sum_are_refused_and_counted(double value, string reason)
    {
        await using var bench = new Workbench();
        Histogram<double> histogram = bench.Meter.CreateHistogram<double>("h");
        histogram.Record(value);
        histogram.Record(2);
        Assert.Equal(1, bench.Collector.Health.Rejected(reason));
        Assert.Equal((1L, 2.0), (bench.Series("h").Lifetime.Count, bench.Series("h").Lifetime.Sum));
    }

    [Fact]
    public async Task Negative_zero_and_subnormal_numbers_are_zero()
    {
        await using var bench = new Workbench();
        Histogram<double> histogram = bench.Meter.CreateHistogram<double>("h");
        histogram.Record(-0.0);
        histogram.Record(double.Epsilon);
        Assert.Equal("0", $"{bench.Series("h").Lifetime.Min}");
        Assert.Equal(0, bench.Series("h").Lifetime.Max);
    }

    [Fact]
    public async Task A_negative_increment_of_a_counter_is_refused_and_counted()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        counter.Add(5);
        counter.Add(-3);
        Assert.Equal(5, bench.Series("c").Lifetime.Sum);
        Assert.Equal(1, bench.Collector.Health.Rejected("negative"));
    }

    [Fact]
    public async Task A_label_explosion_is_bounded_and_totals_stay_exact()
    {
        await using var bench = new Workbench(o => o.SeriesLimit = 10);
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        for (int i = 0; i < 5000; i++)
        {
            counter.Add(1, new("user", i % 1000), new("kind", "x"));
        }

        var series = bench.Collector.Snapshot();
        Assert.Equal(11, series.Count);
        Assert.Equal(5000, series.Sum(s => s.Lifetime.Sum));
        Assert.Equal(5000 - 50, bench.Series("c", (MetricFamily.OverflowTag, "true")).Lifetime.Sum);
    }

    [Fact]
    public async Task The_tag_that_explodes_is_named()
    {
        using var health = new CollectorHealth(null);
        var family = new MetricFamily("c", "", MetricKind.Counter, SeriesMode.Total, "", 3, 100, health);
        for (int i = 0; i < 3; i++)
        {
            family.CellOf(MetricTags.Create(("kind", "x"), ("user", $"{i}")));
        }

        Assert.False(family.TryReportOverflow(out _));
        family.CellOf(MetricTags.Create(("kind", "x"), ("user", "3")));
        Assert.True(family.TryReportOverflow(out string culprit));
        Assert.Equal("user", culprit);
        Assert.False(family.TryReportOverflow(out _));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task All_metrics_together_are_bounded_too()
    {
        await using var bench = new Workbench(o => o.TotalSeriesLimit = 7);
        for (int metric = 0; metric < 3; metric++)
        {
            Counter<int> counter = bench.Meter.CreateCounter<int>("c" + metric);
            for (int i = 0; i < 5; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("i", i));
            }
        }

        var series = bench.Collector.Snapshot();
        Assert.Equal(7 + 2, series.Count); // two metrics overflow
        Assert.Equal(15, series.Sum(s => s.Lifetime.Sum));
        Assert.Equal(7, bench.Collector.Health.Series);
    }

    [Fact]
    public async Task The_same_tags_in_every_order_do_not_fill_the_memory()
    {
        await using var bench = new Workbench(o => o.SeriesLimit = 2);
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        KeyValuePair<string, object?>[] tags = [new("a", 1), new("b", 2), new("c", 3), new("d", 4)];
        for (int i = 0; i < 200; i++)
        {
            Random.Shared.Shuffle(tags);
            counter.Add(1, tags);
        }

        Assert.Equal(200, bench.Series("c", ("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")).Lifetime.Sum);
    }

    [Fact]
    public async Task The_first_instrument_of_a_name_wins_and_another_kind_or_unit_is_flagged()
    {
        await using var bench = new Workbench();
        Counter<int> first = bench.Meter.CreateCounter<int>("same", "s");
        Histogram<int> second = bench.Meter.CreateHistogram<int>("Same", "s");
        Counter<int> third = bench.Meter.CreateCounter<int>("same", "ms");
        Counter<long> fourth = bench.Meter.CreateCounter<long>("same", "s");
        first.Add(1);
        second.Record(100);
        third.Add(1000);
        fourth.Add(10);
        Assert.Equal(11, bench.Series("same").Lifetime.Sum);
        Assert.Equal(2, bench.Collector.Health.Rejected("clash"));
    }

    [Fact]
    public async Task There_may_be_only_so_many_instruments()
    {
        await using var bench = new Workbench(o => o.InstrumentLimit = 2);
        for (int i = 0; i < 5; i++)
        {
            bench.Meter.CreateCounter<int>("c" + i).Add(1);
        }

        Assert.Equal(2, bench.Collector.Snapshot().Count);
        Assert.Equal(3, bench.Collector.Health.Rejected("instruments"));
    }

    [Fact]
    public async Task A_tag_value_that_throws_does_not_reach_the_application()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        counter.Add(1, new KeyValuePair<string, object?>("k", new Thrower()));
        counter.Add(1, new KeyValuePair<string, object?>("k", "fine"));
        Assert.Equal(1, bench.Series("c", ("k", "fine")).Lifetime.Sum);
        Assert.Equal(1, bench.Collector.Health.Rejected("tags"));
    }

    [Fact]
    public async Task A_tag_value_of_the_callers_own_class_is_text_and_is_not_held()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        WeakReference reference = Record(counter);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(reference.IsAlive);
        Assert.Equal(2, bench.Series("c", ("k", "named")).Lifetime.Sum);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Record(Counter<int> counter)
        {
            var named = new Named();
            counter.Add(1, new KeyValuePair<string, object?>("k", named));
            counter.Add(1, new KeyValuePair<string, object?>("k", new Named()));
            return new WeakReference(named);
        }
    }

    [Fact]
    public async Task Text_that_a_database_refuses_is_mended()
    {
        await using var bench = new Workbench();
        bench.Meter.CreateCounter<int>("c\0d").Add(1, new KeyValuePair<string, object?>("k\0", "v\0\ud800" + new string('x', 400)));
        MetricSeries series = bench.Collector.Snapshot().Single().Series;
        Assert.Equal("c\uFFFDd", series.MetricType);
        Assert.Equal("k\uFFFD", series.Tags[0].Key);
        Assert.Equal("v\uFFFD\uFFFD" + new string('x', 253), series.Tags[0].Value);
    }

    [Fact]
    public async Task Listening_to_its_own_meter_counts_refusals_and_ends()
    {
        await using var bench = new Workbench(o => o.Meters.Add(CollectorHealth.MeterName));
        Histogram<double> histogram = bench.Meter.CreateHistogram<double>("h");
        for (int i = 0; i < 100; i++)
        {
            histogram.Record(double.NaN);
        }

        // Collectors of other tests have a meter of this name as well.
        Assert.True(bench.Series("autom8.metrics.rejected", ("reason", "nan")).Lifetime.Sum >= 100);
        Assert.True(bench.Series("autom8.metrics.series").Lifetime.Count > 0);
        Assert.Equal(100, bench.Collector.Health.Rejected("nan"));
    }

    private sealed class Thrower
    {
        public override string ToString() => throw new InvalidOperationException();

        public override int GetHashCode() => throw new InvalidOperationException();

        public override bool Equals(object? obj) => throw new InvalidOperationException();
    }

    private sealed class Named
    {
        public override string ToString() => "named";
    }
}
