using System.Diagnostics.Metrics;
using Autom8.Metrics.Collection;
using Autom8.Metrics.Prometheus;
using Autom8.Metrics.Queries;
using Autom8.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Metrics.Tests;

public sealed class RegistrationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_host_collects_keeps_over_a_restart_and_shows_its_metrics(bool sqlite)
    {
        using var folder = new TemporaryFolder();
        string connectionString = sqlite
            ? "Data Source=" + folder.Combine("metrics.db")
            : await PostgreSqlServer.Shared.CreateDatabaseAsync();
        string meterName = "test." + Guid.NewGuid().ToString("n");
        var period = new MetricPeriod(TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
        for (int life = 1; life <= 2; life++)
        {
            using IHost host = Build();
            await host.StartAsync();
            using var meter = new Meter(meterName);
            meter.CreateCounter<int>("orders.placed", "{order}").Add(3, new KeyValuePair<string, object?>("shop", "x"));
            IMetricQuery query = host.Services.GetRequiredService<IMetricQuery>();
            Assert.Equal(3 * life, (await query.SummarizeAsync(new("orders.placed"), period)).Sum);
            using var text = new MemoryStream();
            await host.Services.GetRequiredService<PrometheusTextWriter>().WriteAsync(text);
            Assert.Contains(
                "orders_placed_total{shop=\"x\"} 3\n",
                System.Text.Encoding.UTF8.GetString(text.ToArray()),
                StringComparison.Ordinal
            );
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        IHost Build()
        {
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
            MetricsBuilder metrics = builder.Services.AddAutom8Metrics(o => o.Meters.Add(meterName));
            _ = sqlite ? metrics.UseSqlite(connectionString) : metrics.UsePostgreSql(connectionString);
            return builder.Build();
        }
    }

    [Fact]
    public async Task Settings_come_from_configuration_and_meters_are_added_to_the_defaults()
    {
        await using ServiceProvider services = Build(
            new()
            {
                ["Autom8:Metrics:Meters:0"] = "MyApp.*",
                ["Autom8:Metrics:SeriesLimit"] = "77",
                ["Autom8:Metrics:FlushInterval"] = "00:00:05",
            },
            o => o.Instance = "here"
        );
        MetricsOptions options = services.GetRequiredService<IOptions<MetricsOptions>>().Value;
        Assert.Contains("MyApp.*", options.Meters);
        Assert.Contains("Microsoft.AspNetCore.*", options.Meters);
        Assert.Equal((77, TimeSpan.FromSeconds(5), "here"), (options.SeriesLimit, options.FlushInterval, options.Instance));
    }

    [Theory]
    [InlineData("SeriesLimit", "0")]
    [InlineData("TotalSeriesLimit", "-1")]
    [InlineData("InstrumentLimit", "0")]
    [InlineData("FlushInterval", "00:00:00.5")]
    [InlineData("FlushInterval", "00:02:00")]
    [InlineData("QueueCapacity", "10")]
    [InlineData("PointQueueCapacity", "10")]
    [InlineData("RetainAggregates", "00:30:00")]
    [InlineData("RetainPoints", "00:30:00")]
    [InlineData("Instance", " ")]
    [InlineData("Meters:0", " ")]
    public async Task A_wrong_setting_is_named(string setting, string value)
    {
        await using ServiceProvider services = Build(new() { ["Autom8:Metrics:" + setting] = value });
        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<MetricsOptions>>().Value);
        Assert.Contains("Autom8:Metrics:" + setting.Split(':')[0], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_store_the_start_says_what_to_choose()
    {
        await using ServiceProvider services = Build([]);
        var error = Assert.Throws<InvalidOperationException>(() => services.GetServices<IHostedService>().ToList());
        Assert.Contains("UseSqlite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_it_twice_adds_one_collector()
    {
        using var folder = new TemporaryFolder();
        var services = new ServiceCollection();
        services.AddAutom8Metrics().UseSqlite("Data Source=" + folder.Combine("a.db"));
        services.AddAutom8Metrics().UseSqlite("Data Source=" + folder.Combine("b.db"));
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Single(provider.GetServices<IHostedService>());
        Assert.Same(provider.GetRequiredService<MetricCollector>(), provider.GetServices<IHostedService>().Single());
        Assert.Same(provider.GetRequiredService<MetricCollector>(), provider.GetRequiredService<IMetricRecorder>());
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings, Action<MetricsOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddAutom8Metrics(configure);
        return services.BuildServiceProvider();
    }
}
