using System.Diagnostics.CodeAnalysis;
using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Alerts.Sinks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling;

/// <summary>Registers alerts and where they go.</summary>
public static class AlertSchedulingBuilderExtensions
{
    /// <summary>Has the scheduler alert people, in the log at first. Add further sinks.</summary>
    /// <param name="builder">The scheduler; calling this twice changes nothing more than the options.</param>
    /// <param name="configure">Options, on top of the section <c>Autom8:Scheduling:Alerts</c>.</param>
    public static SchedulingBuilder AddAlerts(this SchedulingBuilder builder, Action<AlertOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton(AlertDispatcher.Create);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, AlertDispatcher>(static provider => provider.GetRequiredService<AlertDispatcher>())
        );
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAlertSink, LogAlertSink>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<AlertOptions>, AlertOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AlertOptions>, AlertOptionsSetup>());
        services.AddOptions<AlertOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return builder;
    }

    /// <summary>Takes alerts to a sink of the application's, once however often it is added.</summary>
    /// <typeparam name="TSink">The sink; a singleton.</typeparam>
    public static SchedulingBuilder AddAlertSink<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSink>(
        this SchedulingBuilder builder
    )
        where TSink : class, IAlertSink
    {
        builder.AddAlerts().Services.TryAddEnumerable(ServiceDescriptor.Singleton<IAlertSink, TSink>());
        return builder;
    }

    /// <summary>Posts alerts to a webhook, as JSON that chat services show and Standard Webhooks receivers verify.</summary>
    /// <param name="builder">The scheduler.</param>
    /// <param name="configure">Options, on top of the section <c>Autom8:Scheduling:Alerts:Sinks:</c> and the name.</param>
    /// <param name="name">What the sink is called in settings, logs and metrics. Another name is another webhook.</param>
    public static SchedulingBuilder AddWebhookAlerts(
        this SchedulingBuilder builder,
        Action<WebhookAlertOptions>? configure = null,
        string name = "webhook"
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var services = builder.AddAlerts().Services;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<WebhookAlertOptions>, WebhookAlertOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WebhookAlertOptions>, WebhookAlertOptionsSetup>());
        services.AddOptions<WebhookAlertOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(name, configure);
        }

        if (!services.Any(s => s.IsKeyedService && s.ServiceType == typeof(WebhookAlertSink) && Equals(s.ServiceKey, name)))
        {
            services.AddKeyedSingleton(
                name,
                (provider, _) =>
                    new WebhookAlertSink(
                        name,
                        provider.GetRequiredService<IOptionsMonitor<WebhookAlertOptions>>().Get(name),
                        provider.GetRequiredService<TimeProvider>()
                    )
            );
            services.AddSingleton<IAlertSink>(provider => provider.GetRequiredKeyedService<WebhookAlertSink>(name));
        }
        return builder;
    }
}
