using Autom8.Scheduling;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the scheduler.</summary>
public static class SchedulingServiceCollectionExtensions
{
    /// <summary>Registers <see cref="IScheduler"/>, the engine as a hosted service, and the <c>cleanup</c> task. Choose a store on the builder.</summary>
    /// <param name="services">The registrations; calling this twice changes nothing more than the options.</param>
    /// <param name="configure">Options, on top of the section <c>Autom8:Scheduling</c>.</param>
    public static SchedulingBuilder AddAutom8Scheduling(this IServiceCollection services, Action<SchedulingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = new SchedulingBuilder(services);
        if (!services.Any(s => s.ServiceType == typeof(WakeSignal)))
            builder.AddJob<CleanupJob>(CleanupJob.Name, task => task.Cron(CleanupJob.Schedule));

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ITaskStore>(static _ =>
            throw new SchedulingException(
                SchedulingError.Misconfigured,
                "The scheduler has no store. Call UseSqlite or UsePostgreSql on what AddAutom8Scheduling returns."
            )
        );
        services.TryAddSingleton<SchedulingLogger>();
        services.TryAddSingleton<WakeSignal>();
        services.TryAddSingleton<JobCatalog>();
        services.TryAddSingleton<SchedulingTelemetry>();
        services.TryAddSingleton<RunDispatcher>();
        services.TryAddSingleton<DurableScheduler>();
        services.TryAddSingleton<IScheduler>(static provider => provider.GetRequiredService<DurableScheduler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SchedulerService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<SchedulingOptions>, SchedulingOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SchedulingOptions>, SchedulingOptionsSetup>());
        services.AddOptions<SchedulingOptions>().ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);
        return builder;
    }
}
