using Autom8.Scheduling;
using Autom8.Scheduling.Alerts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Autom8.Hosting;

/// <summary>Registers alerts by e-mail.</summary>
public static class MailSchedulingBuilderExtensions
{
    /// <summary>Sends the scheduler's alerts by e-mail.</summary>
    /// <param name="builder">The scheduler; calling this twice changes nothing more than the options.</param>
    /// <param name="configure">Options, on top of the section <c>Autom8:Mail</c>.</param>
    public static SchedulingBuilder AddMailAlerts(this SchedulingBuilder builder, Action<MailOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.AddAlerts().Services;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<MailOptions>, MailOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MailOptions>, MailOptionsSetup>());
        services.AddOptions<MailOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IAlertSink, MailAlertSink>(static provider => new MailAlertSink(
                provider.GetRequiredService<IOptions<MailOptions>>(),
                provider.GetRequiredService<TimeProvider>()
            ))
        );
        return builder;
    }
}
