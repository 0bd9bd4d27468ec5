using Autom8.Caching.Testing;
using Autom8.Hosting;
using Autom8.Metrics.Queries;
using Autom8.Scheduling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Host.Tests.Reading;

/// <summary>The services of a composed node, not started, over a database and a shared tier of the test's.</summary>
internal sealed class ReadingNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public ReadingNode(InMemorySharedCache server, FakeTimeProvider time, IScheduler? scheduler = null, IMetricQuery? metrics = null)
    {
        var services = new ServiceCollection();
        var configuration = new ConfigurationBuilder().Build();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton<TimeProvider>(time);
        if (scheduler is not null)
        {
            services.AddSingleton(scheduler);
        }

        if (metrics is not null)
        {
            services.AddSingleton(metrics);
        }

        services.AddAutom8(configuration);
        services.AddAutom8Caching().UseSharedCache(_ => server.Connect());
        _services = services.BuildServiceProvider();
    }

    public TaskReader Tasks => _services.GetRequiredService<TaskReader>();

    public IScheduler Scheduler => _services.GetRequiredService<IScheduler>();

    public MetricReader Metrics => _services.GetRequiredService<MetricReader>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
