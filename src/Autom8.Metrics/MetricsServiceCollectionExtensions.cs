using System.Diagnostics.Metrics;
using Autom8.Metrics;
using Autom8.Metrics.Collection;
using Autom8.Metrics.Prometheus;
using Autom8.Metrics.Queries;
using Autom8.Metrics.Retention;
using Autom8.Metrics.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Autom8.Metrics.</summary>
public static class MetricsServiceCollectionExtensions
{
    /// <summary>
    /// Collects the process's meters from the host's start to its stop, and registers <see cref="IMetricQuery"/>, <see cref="IMetricRecorder"/>,
    /// <see cref="PrometheusTextWriter"/>, <see cref="MetricCollector"/> and <see cref="MetricRetention"/>. Calling it again adds nothing but <paramref name="configure"/>.
    /// </summary>
    /// <param name="services">The registrations.</param>
    /// <param name="configure">Settings in code, applied after those of the section <c>Autom8:Metrics</c>.</param>
    /// <returns>A builder, on which the store must be chosen.</returns>
    public static MetricsBuilder AddAutom8Metrics(this IServiceCollection services, Action<MetricsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<MetricsOptions>, BindMetricsOptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MetricsOptions>, MetricsOptionsValidator>());
        services.AddOptions<MetricsOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(static provider => new MetricRetention(
            StoreOf(provider),
            provider.GetRequiredService<IOptions<MetricsOptions>>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.TryAddSingleton(static provider => new MetricCollector(
            StoreOf(provider),
            provider.GetRequiredService<MetricRetention>(),
            provider.GetRequiredService<IOptions<MetricsOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<MetricCollector>>() ?? NullLogger<MetricCollector>.Instance,
            provider.GetService<IMeterFactory>()
        ));
        services.TryAddSingleton<IMetricRecorder>(static provider => provider.GetRequiredService<MetricCollector>());
        services.TryAddSingleton<IMetricQuery>(static provider => new MetricQuery(
            StoreOf(provider),
            provider.GetRequiredService<MetricCollector>()
        ));
        services.TryAddSingleton<PrometheusTextWriter>();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, MetricCollector>(static provider => provider.GetRequiredService<MetricCollector>())
        );
        return new MetricsBuilder(services);
    }

    private static IMetricStore StoreOf(IServiceProvider provider) =>
        provider.GetService<IMetricStore>()
        ?? throw new InvalidOperationException(
            "Autom8.Metrics has no store. Choose one: services.AddAutom8Metrics().UseSqlite(\"Data Source=metrics.db\") or .UsePostgreSql(…)."
        );

    private sealed class BindMetricsOptions(IServiceProvider provider) : IConfigureOptions<MetricsOptions>
    {
        public void Configure(MetricsOptions options) =>
            provider.GetService<IConfiguration>()?.GetSection(MetricsOptions.SectionName).Bind(options);
    }
}
