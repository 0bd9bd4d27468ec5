using Autom8.Caching;
using Autom8.Metrics.Queries;
using Autom8.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Autom8.Hosting;

/// <summary>Registers the cached readers of tasks and metrics.</summary>
internal static class ReadingServiceCollectionExtensions
{
    public static void AddCachedReads(this IServiceCollection services, CachingBuilder caching)
    {
        if (services.Any(static service => service.ServiceType == typeof(TaskReader)))
        {
            return;
        }

        TaskReadCache.AddRegions(caching);
        caching.AddJsonSerializer(HostingJson.Default.CachedRange);
        caching.AddJsonSerializer(HostingJson.Default.CachedSeries);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<CachingOptions>, ReadCachePolicy>());
        services.AddSingleton(static provider => new TaskReadCache(
            provider,
            provider.GetService<ILogger<TaskReadCache>>() ?? NullLogger<TaskReadCache>.Instance
        ));
        services.AddSingleton(static provider => new TaskReader(
            provider.GetRequiredService<IScheduler>(),
            provider.GetRequiredService<TaskReadCache>()
        ));
        services.AddSingleton(static provider => new MetricReader(
            provider.GetRequiredService<IMetricQuery>(),
            provider.GetRequiredService<TieredCache>(),
            provider.GetRequiredService<TimeProvider>()
        ));

        // Whoever writes through IScheduler, the API or a job, makes the readers forget.
        var scheduler = services.Last(static service => service.ServiceType == typeof(IScheduler) && !service.IsKeyedService);
        services.Replace(
            ServiceDescriptor.Singleton<IScheduler>(provider => new ForgettingScheduler(
                Make(scheduler, provider),
                provider.GetRequiredService<TaskReadCache>()
            ))
        );
    }

    private static IScheduler Make(ServiceDescriptor scheduler, IServiceProvider provider) =>
        (IScheduler)(
            scheduler.ImplementationInstance
            ?? scheduler.ImplementationFactory?.Invoke(provider)
            ?? throw new InvalidOperationException(
                "Register an IScheduler of your own as an instance or by a factory: the composed service puts its cache before it."
            )
        );
}
