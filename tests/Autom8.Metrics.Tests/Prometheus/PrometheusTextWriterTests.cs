using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Autom8.Metrics.Prometheus;
using Autom8.Metrics.Queries;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Metrics.Tests.Prometheus;

public sealed class PrometheusTextWriterTests
{
    [Fact]
    public async Task A_scrape_looks_like_this()
    {
        await using var bench = new Workbench();
        Histogram<double> duration = bench.Meter.CreateHistogram<double>(
            "http.server.request.duration",
            "s",
            "Duration of \\ requests\nserved"
        );
        Counter<long> hits = bench.Meter.CreateCounter<long>("cache.hits", "{hit}");
        UpDownCounter<int> active = bench.Meter.CreateUpDownCounter<int>("http.server.active_requests", "{request}");
        bench.Meter.CreateObservableGauge("process.memory.usage", () => 1048576L, "By");
        duration.Record(0.25, new("http.route", "/contacts/{id}"), new("http.response.status_code", 200));
        duration.Record(0.75, new("http.route", "/contacts/{id}"), new("http.response.status_code", 200));
        duration.Record(3, new KeyValuePair<string, object?>("http.route", "a\\b\"c\nd"));
        hits.Add(7);
        active.Add(3);
        active.Add(-1);

        using var stream = new MemoryStream();
        await new PrometheusTextWriter(bench.Collector).WriteAsync(stream);
        Assert.Equal(
            """
            # TYPE cache_hits_total counter
            cache_hits_total 7
            # TYPE http_server_active_requests gauge
            http_server_active_requests 2
            # HELP http_server_request_duration_seconds Duration of \\ requests\nserved
            # TYPE http_server_request_duration_seconds summary
            http_server_request_duration_seconds_sum{http_response_status_code="200",http_route="/contacts/{id}"} 1
            http_server_request_duration_seconds_count{http_response_status_code="200",http_route="/contacts/{id}"} 2
            http_server_request_duration_seconds_sum{http_route="a\\b\"c\nd"} 3
            http_server_request_duration_seconds_count{http_route="a\\b\"c\nd"} 1
            # TYPE http_server_request_duration_seconds_min gauge
            http_server_request_duration_seconds_min{http_response_status_code="200",http_route="/contacts/{id}"} 0.25
            http_server_request_duration_seconds_min{http_route="a\\b\"c\nd"} 3
            # TYPE http_server_request_duration_seconds_max gauge
            http_server_request_duration_seconds_max{http_response_status_code="200",http_route="/contacts/{id}"} 0.75
            http_server_request_duration_seconds_max{http_route="a\\b\"c\nd"} 3
            # TYPE process_memory_usage_bytes gauge
            process_memory_usage_bytes 1048576

            """.ReplaceLineEndings("\n"),
            Encoding.UTF8.GetString(stream.ToArray())
        );
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", PrometheusTextWriter.ContentType);
    }

    [Fact]
    public async Task Totals_and_counts_outlive_the_minute_and_extremes_do_not()
    {
        await using var bench = new Workbench();
        Histogram<int> histogram = bench.Meter.CreateHistogram<int>("h");
        histogram.Record(100);
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        histogram.Record(5);
        Assert.Equal(100, Value(bench, "h_max"));
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(5, Value(bench, "h_max"));
        bench.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(Value(bench, "h_max"));
        Assert.Equal((105, 2), (Value(bench, "h_sum"), Value(bench, "h_count")));
    }

    [Theory]
    [InlineData("http.server.request.duration", "s", MetricKind.Histogram, "http_server_request_duration_seconds")]
    [InlineData("queue.wait_seconds", "s", MetricKind.Histogram, "queue_wait_seconds")]
    [InlineData("process.cpu.time", "s", MetricKind.Counter, "process_cpu_time_seconds_total")]
    [InlineData("things_total", "{thing}", MetricKind.Counter, "things_total")]
    [InlineData("cpu.utilization", "1", MetricKind.Gauge, "cpu_utilization_ratio")]
    [InlineData("plain", "1", MetricKind.Counter, "plain_total")]
    [InlineData("disk.speed", "By/s", MetricKind.Gauge, "disk_speed_bytes_per_second")]
    [InlineData("rate", "{request}/s", MetricKind.Gauge, "rate_per_second")]
    [InlineData("9 lives--left", "", MetricKind.Gauge, "_9_lives_left")]
    [InlineData("日本", "%", MetricKind.Gauge, "__percent")]
    [InlineData("odd", "furlong^2", MetricKind.Gauge, "odd_furlong_2")]
    public void Names_follow_prometheus_conventions(string name, string unit, MetricKind kind, string expected)
    {
        Assert.Equal(expected, PrometheusNames.Metric(name, unit, kind));
    }

    [Fact]
    public void Names_that_become_the_same_stay_apart()
    {
        Exposition text = Write(
            Snapshot("a.b", MetricKind.Gauge, 1),
            Snapshot("a_b", MetricKind.Gauge, 2),
            Snapshot("a_b", MetricKind.Histogram, 4),
            Snapshot("a.b.count", MetricKind.Gauge, 8),
            Snapshot("a.b", MetricKind.Counter, 16)
        );
        Assert.Equal(8, text.Samples.Count);
        Assert.Equal(5, text.Types.Count - 2); // the histogram's extremes are two more
        Assert.Equal(1, text.Samples.Single(s => s.Name == "a_b").Value);
        Assert.Equal(16, text.Samples.Single(s => s.Name == "a_b_total").Value);
    }

    [Fact]
    public void Series_whose_labels_become_the_same_are_added_up()
    {
        Exposition text = Write(
            Snapshot("c", MetricKind.Counter, 3, ("a.b", "1")),
            Snapshot("c", MetricKind.Counter, 4, ("a_b", "1")),
            Snapshot("c", MetricKind.Counter, 5, ("a.b", "1"), ("a_b", "2"))
        );
        Assert.Equal(["c_total{a_b=1}", "c_total{a_b=1;2}"], text.Samples.Select(s => s.ToString()));
        Assert.Equal([7.0, 5], text.Samples.Select(s => s.Value));
    }

    [Property(MaxTest = 300)]
    public Property Whatever_the_names_and_labels_are_the_text_is_valid_and_no_value_is_lost(
        (string Name, string Unit, byte Kind, Dictionary<string, string> Tags)[] given
    )
    {
        SeriesSnapshot[] series =
        [
            .. given
                .Select(
                    (g, i) =>
                        Snapshot(
                            CanonicalText.Of(g.Name ?? ""),
                            (MetricKind)(g.Kind % 4),
                            i + 1,
                            [.. (g.Tags ?? []).Select(t => (t.Key, (string?)t.Value))]
                        ) with
                        {
                            Description = CanonicalText.Of(g.Unit),
                        }
                )
                .DistinctBy(s => s.Series),
        ];
        Exposition text = Write(series);
        Exposition shuffled = Write([.. series.Reverse()]);
        double counters = text.Samples.Where(s => text.Types.GetValueOrDefault(s.Name) == "counter").Sum(s => s.Value);
        double histograms = text.Samples.Where(s => IsOf(text, s, "_sum")).Sum(s => s.Value);
        double counts = text.Samples.Where(s => IsOf(text, s, "_count")).Sum(s => s.Value);
        return (
            counters == series.Where(s => s.Series.Kind == MetricKind.Counter).Sum(s => s.Lifetime.Sum)
            && histograms == series.Where(s => s.Series.Kind == MetricKind.Histogram).Sum(s => s.Lifetime.Sum)
            && counts == series.Where(s => s.Series.Kind == MetricKind.Histogram).Sum(s => s.Lifetime.Count)
            && text.Samples.Select(s => s.ToString()).SequenceEqual(shuffled.Samples.Select(s => s.ToString()))
        ).ToProperty();

        static bool IsOf(Exposition text, ExpositionSample sample, string suffix) =>
            sample.Name.EndsWith(suffix, StringComparison.Ordinal)
            && !text.Types.ContainsKey(sample.Name)
            && text.Types.GetValueOrDefault(sample.Name[..^suffix.Length]) == "summary";
    }

    [Property(MaxTest = 300)]
    public Property Every_label_value_comes_back_as_it_was_recorded(string value)
    {
        string recorded = CanonicalText.Of(value);
        Exposition text = Write(Snapshot("c", MetricKind.Counter, 1, ("k", value)));
        return (recorded.Length == 0 ? text.Samples[0].Labels.Count == 0 : text.Samples[0].Labels["k"] == recorded).ToProperty();
    }

    [Property(MaxTest = 300)]
    public Property Every_value_comes_back_to_the_last_bit(NormalFloat value)
    {
        Exposition text = Write(Snapshot("g", MetricKind.Gauge, value.Get));
        return (text.Samples[0].Value == value.Get).ToProperty();
    }

    private static SeriesSnapshot Snapshot(string name, MetricKind kind, double value, params ReadOnlySpan<(string, string?)> tags)
    {
        var summary = new MetricSummary(1, value, value, value);
        return new SeriesSnapshot(new MetricSeries(name, "", kind, MetricTags.Create(tags)), "", summary, summary, value);
    }

    private static Exposition Write(params SeriesSnapshot[] series)
    {
        var output = new ArrayBufferWriter<byte>();
        PrometheusTextWriter.Write(output, series);
        return Exposition.Parse(output.WrittenSpan);
    }

    private static double? Value(Workbench bench, string name)
    {
        var output = new ArrayBufferWriter<byte>();
        new PrometheusTextWriter(bench.Collector).Write(output);
        return Exposition.Parse(output.WrittenSpan).Samples.SingleOrDefault(s => s.Name == name)?.Value;
    }
}
