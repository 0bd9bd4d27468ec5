using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Autom8.Metrics.Collection;
using Autom8.Metrics.Prometheus;
using Autom8.Metrics.Queries;
using Microsoft.Extensions.DependencyInjection;
using static Autom8.AotSmoke.SmokeCheck;

namespace Autom8.AotSmoke;

internal static class MetricsChecks
{
    public static IEnumerable<SmokeCheck> All => [new("A measurement is kept in SQLite, summarised, and told to Prometheus", KeptAsync)];

    private static async Task KeptAsync()
    {
        using var scratch = new Scratch();
        var begin = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await using (var provider = Provider())
        {
            var collector = provider.GetRequiredService<MetricCollector>();
            await collector.StartAsync(CancellationToken.None);
            using var meter = new Meter("Smoke");
            var orders = meter.CreateHistogram<double>("order.value", "EUR");
            orders.Record(49.5, new KeyValuePair<string, object?>("country", "PT"));
            orders.Record(20.5, new KeyValuePair<string, object?>("country", "PL"));

            var text = new ArrayBufferWriter<byte>();
            provider.GetRequiredService<PrometheusTextWriter>().Write(text);
            await collector.StopAsync(CancellationToken.None);

            var written = Encoding.UTF8.GetString(text.WrittenSpan);
            Require(
                written.Contains("order_value", StringComparison.Ordinal) && written.Contains("country=\"PT\"", StringComparison.Ordinal),
                $"Prometheus is told:\n{written}"
            );
        }

        // Another process, so to speak: it knows only what was flushed.
        await using var later = Provider();
        var period = new MetricPeriod(begin, begin.AddMinutes(10));
        var summary = await later.GetRequiredService<IMetricQuery>().SummarizeAsync(new MetricSelector("order.value"), period);
        Require(summary is { Count: 2, Sum: 70, Average: 35, Min: 20.5, Max: 49.5 }, $"The summary is {summary}.");

        ServiceProvider Provider()
        {
            var services = new ServiceCollection().AddLogging();
            services
                .AddAutom8Metrics(o =>
                {
                    o.Meters.Clear();
                    o.Meters.Add("Smoke");
                })
                .UseSqlite(scratch.Sqlite);
            return services.BuildServiceProvider();
        }
    }
}
