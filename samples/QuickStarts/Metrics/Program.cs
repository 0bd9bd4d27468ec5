using System.Diagnostics.Metrics;
using Autom8.Metrics.Prometheus;
using Autom8.Metrics.Queries;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder
    .Services.AddAutom8Metrics(o =>
    {
        o.Meters.Clear(); // leave out to keep those of .NET, ASP.NET Core and HttpClient too
        o.Meters.Add("Shop");
    })
    .UseSqlite("Data Source=data/metrics.db");
using var host = builder.Build();
await host.StartAsync();

using var meter = new Meter("Shop");
var orders = meter.CreateHistogram<double>("order.value", "EUR");
orders.Record(49.90, new KeyValuePair<string, object?>("country", "PT"));
orders.Record(20.10, new KeyValuePair<string, object?>("country", "PL"));

var now = TimeProvider.System.GetUtcNow();
var query = host.Services.GetRequiredService<IMetricQuery>();
var day = await query.SummarizeAsync(new MetricSelector("order.value"), new MetricPeriod(now.AddDays(-1), now));
Console.WriteLine($"{day.Count} orders in a day, {day.Average:0.00} EUR on average");
await host.Services.GetRequiredService<PrometheusTextWriter>().WriteAsync(Console.OpenStandardOutput());
await host.StopAsync();
