using Autom8.Scheduling;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the scheduler.</summary>
public static class SchedulingServiceCollectionExtensions
{
    /// <summary>Registers <see cref="IScheduler"/>, <see cref="IJobQueue"/>, <see cref="IJobMonitor"/>, the engine as a hosted service, and the <c>cleanup</c> task. Choose a store on the builder; without one it is <see cref="SchedulingBuilder.UseInMemory"/>.</summary>
    /// <param name="services">The registrations; calling this twice changes nothing more than the options.</param>
    /// <param name="configure">Options, on top of the section <c>Autom8:Scheduling</c>.</param>
    public static SchedulingBuilder AddAutom8Scheduling(this IServiceCollection services, Action<SchedulingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = new SchedulingBuilder(services);
        if (!services.Any(s => s.ServiceType == typeof(WakeSignal)))
        {
            builder.AddJob<CleanupJob>(CleanupJob.Name, task => task.Cron(CleanupJob.Schedule), job => job.Queue = "maintenance");
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ISchedulerStore>(SchedulingBuilder.InMemory);
        services.TryAddSingleton<SchedulingLogger>();
        services.TryAddSingleton<WakeSignal>();
        services.TryAddSingleton<JobCatalog>();
        services.TryAddSingleton<SchedulingTelemetry>();
        services.TryAddSingleton<JobRunner>();
        services.TryAddSingleton<AlertWatch>();
        services.TryAddSingleton<SchedulerNode>();
        services.TryAddSingleton(static provider => new SchedulerHealth(
            provider.GetRequiredService<SchedulerNode>(),
            provider.GetRequiredService<IOptions<SchedulingOptions>>()
        ));
        services.TryAddSingleton<DurableScheduler>();
        services.TryAddSingleton<IJobQueue, JobQueue>();
        services.TryAddSingleton<IJobMonitor, JobMonitor>();
        services.TryAddSingleton<IScheduler>(static provider => provider.GetRequiredService<DurableScheduler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SchedulerService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<SchedulingOptions>, SchedulingOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SchedulingOptions>, SchedulingOptionsSetup>());
        services.AddOptions<SchedulingOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return builder;
    }
}
