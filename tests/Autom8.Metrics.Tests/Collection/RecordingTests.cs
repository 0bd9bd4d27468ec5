using System.Diagnostics;
using System.Diagnostics.Metrics;
using Autom8.Metrics.Prometheus;
using Autom8.Metrics.Queries;

namespace Autom8.Metrics.Tests.Collection;

public sealed class RecordingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Recording_a_known_series_allocates_nothing(int tagCount)
    {
        await using var bench = new Workbench();
        Counter<long> counter = bench.Meter.CreateCounter<long>("c");
        Histogram<double> histogram = bench.Meter.CreateHistogram<double>("h");
        Gauge<int> gauge = bench.Meter.CreateGauge<int>("g");
        UpDownCounter<int> level = bench.Meter.CreateUpDownCounter<int>("u");
        var tags = new TagList();
        object?[] values = ["GET", 200, true, "a long route /api/v1/contacts/{id}", 3.5, DayOfWeek.Friday, Guid.NewGuid(), 'x'];
        for (int i = 0; i < tagCount; i++)
        {
            tags.Add("key" + i, values[i]);
        }

        void RecordAll()
        {
            counter.Add(1, tags);
            histogram.Record(0.25, tags);
            gauge.Record(7, tags);
            level.Add(-1, tags);
        }

        RecordAll();
        RecordAll();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            RecordAll();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1002, bench.Collector.Snapshot().Single(s => s.Series.MetricType == "c").Lifetime.Sum);
    }

    [Fact]
    public async Task Two_threads_that_record_while_the_collector_collects_lose_nothing()
    {
        await using var bench = new Workbench();
        Histogram<long> histogram = bench.Meter.CreateHistogram<long>("h");
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        const int PerThread = 200_000;
        var recorders = Enumerable
            .Range(0, 2)
            .Select(thread =>
                Task.Factory.StartNew(
                    () =>
                    {
                        for (int i = 0; i < PerThread; i++)
                        {
                            histogram.Record(i, new KeyValuePair<string, object?>("odd", (i & 1) == 1));
                            counter.Add(2);
                        }
                    },
                    TaskCreationOptions.LongRunning
                )
            )
            .ToArray();
        Task all = Task.WhenAll(recorders);
        double seen = 0;
        while (!all.IsCompleted)
        {
            double now = bench.Collector.Snapshot().Where(s => s.Series.MetricType == "c").Sum(s => s.Lifetime.Sum);
            Assert.True(now >= seen, "A counter went back.");
            seen = now;
        }

        await all;
        Assert.Equal(2 * 2 * PerThread, bench.Series("c").Lifetime.Sum);
        Assert.Equal(2 * PerThread, bench.Series("c").Lifetime.Count);
        MetricSummary odd = bench.Series("h", ("odd", "true")).Lifetime;
        Assert.Equal(new MetricSummary(PerThread, (double)PerThread * PerThread / 2, 1, PerThread - 1), odd);
        MetricSummary even = bench.Series("h", ("odd", "false")).Lifetime;
        Assert.Equal(PerThread, even.Count);
        Assert.Equal((double)PerThread * (PerThread - 2) / 2, even.Sum);
    }

    [Fact]
    public async Task Count_sum_min_and_max_agree_at_every_moment()
    {
        await using var bench = new Workbench();
        Histogram<int> histogram = bench.Meter.CreateHistogram<int>("h");
        using var stop = new CancellationTokenSource();
        Task[] recorders =
        [
            .. Enumerable
                .Range(0, 2)
                .Select(_ =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            while (!stop.IsCancellationRequested)
                            {
                                histogram.Record(3);
                            }
                        },
                        TaskCreationOptions.LongRunning
                    )
                ),
        ];
        int looks = 0;
        while (looks < 2000)
        {
            SeriesSnapshot? seen = bench.Collector.Snapshot().SingleOrDefault();
            if (seen is { Lifetime.Count: > 0 })
            {
                looks++;
                Assert.Equal(3.0 * seen.Lifetime.Count, seen.Lifetime.Sum);
                Assert.Equal((3.0, 3.0), (seen.Lifetime.Min, seen.Lifetime.Max));
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(recorders);
    }

    [Fact]
    public async Task Every_type_of_number_is_taken()
    {
        await using var bench = new Workbench();
        bench.Meter.CreateCounter<byte>("byte").Add(1);
        bench.Meter.CreateCounter<short>("short").Add(2);
        bench.Meter.CreateCounter<int>("int").Add(3);
        bench.Meter.CreateCounter<long>("long").Add(4);
        bench.Meter.CreateCounter<float>("float").Add(5.5f);
        bench.Meter.CreateCounter<double>("double").Add(6.5);
        bench.Meter.CreateCounter<decimal>("decimal").Add(7.5m);
        Assert.Equal(
            [1, 6.5, 2, 3, 4, 5.5, 7.5],
            bench.Collector.Snapshot().OrderBy(s => Order(s.Series.MetricType)).Select(s => s.Lifetime.Sum)
        );

        static int Order(string name) => Array.IndexOf(["byte", "double", "short", "int", "long", "float", "decimal"], name);
    }

    [Fact]
    public async Task A_gauge_shows_its_latest_value_and_keeps_all_in_the_minute()
    {
        await using var bench = new Workbench();
        Gauge<double> gauge = bench.Meter.CreateGauge<double>("g");
        gauge.Record(5);
        gauge.Record(9);
        gauge.Record(1);
        Assert.Equal(1, bench.Series("g").Last);
        Assert.Equal(new MetricSummary(3, 15, 1, 9), bench.Series("g").Recent);
    }

    [Fact]
    public async Task An_up_down_counter_is_sampled_as_a_level()
    {
        await using var bench = new Workbench();
        UpDownCounter<int> level = bench.Meter.CreateUpDownCounter<int>("u");
        level.Add(3);
        level.Add(4);
        await bench.Collector.FlushAsync(); // sample: 7
        level.Add(-5);
        await bench.Collector.FlushAsync(); // sample: 2
        Assert.Equal(new MetricSummary(2, 9, 2, 7), bench.Memory.Rows.Single().Summary);
        Assert.Equal(2, bench.Series("u").Last);
    }

    [Fact]
    public async Task Tags_in_another_order_or_of_another_type_are_the_same_series()
    {
        await using var bench = new Workbench();
        Counter<int> counter = bench.Meter.CreateCounter<int>("c");
        KeyValuePair<string, object?> a = new("a", 1);
        KeyValuePair<string, object?> b = new("b", "2");
        counter.Add(1, a, b);
        counter.Add(1, b, a);
        counter.Add(1, new("a", "1"), new("b", 2L));
        counter.Add(1, new("a", "overridden"), b, a);
        counter.Add(1, a, b, new("none", null));
        Assert.Equal(5, bench.Series("c", ("a", "1"), ("b", "2")).Lifetime.Sum);
        Assert.Single(bench.Collector.Snapshot());
    }

    [Fact]
    public async Task Tags_of_the_meter_and_the_instrument_belong_to_the_series()
    {
        await using var bench = new Workbench();
        using var meter = new Meter(new MeterOptions(bench.Meter.Name) { Tags = [new("shard", 3), new("zone", "a")] });
        meter.CreateCounter<int>("c", null, null, [new("zone", "b")]).Add(1, new KeyValuePair<string, object?>("x", "y"));
        Assert.Equal(1, bench.Series("c", ("shard", "3"), ("zone", "b"), ("x", "y")).Lifetime.Sum);
    }

    [Fact]
    public async Task Only_meters_that_were_asked_for_are_collected()
    {
        await using var bench = new Workbench();
        using var other = new Meter(bench.Meter.Name + ".more");
        other.CreateCounter<int>("c").Add(1);
        Assert.Empty(bench.Collector.Snapshot());
    }

    [Fact]
    public async Task A_meter_is_found_by_pattern_even_if_it_was_there_before()
    {
        using var early = new Meter("Pattern.Of.Early");
        Counter<int> counter = early.CreateCounter<int>("early");
        await using var bench = new Workbench(o => o.Meters.Add("pattern.*.EARLY"));
        counter.Add(2);
        Assert.Equal(2, bench.Series("early").Lifetime.Sum);
    }
}
