using System.Diagnostics.Metrics;
using Autom8.Caching;
using Autom8.Caching.Distributed;
using Autom8.Caching.Engine;
using Autom8.Caching.Loads;
using Autom8.Caching.Registration;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the tiered cache.</summary>
public static class CachingServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="TieredCache"/>, and <see cref="HybridCache"/> as the same singleton unless another is registered. Options come from the configuration section <c>Autom8:Caching</c>, then from
    /// <paramref name="configure"/>, and are checked when the host starts. May be called more than once.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets what the configuration does not.</param>
    /// <returns>A builder that chooses the second tier, its protection, serializers and regions.</returns>
    public static CachingBuilder AddAutom8Caching(this IServiceCollection services, Action<CachingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddOptions(services, Options.Options.DefaultName, configure);
        services.TryAddSingleton(static provider => Make(provider, null));
        services.TryAddSingleton<HybridCache>(static provider => provider.GetRequiredService<TieredCache>());
        return new CachingBuilder(services, null);
    }

    /// <summary>
    /// Registers another cache beside that of the application, under a key: <see cref="TieredCache"/> and <see cref="HybridCache"/> with <c>[FromKeyedServices(key)]</c>. Options come from the configuration section
    /// <c>Autom8:Caching:Caches:KEY</c>, then from <paramref name="configure"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configure">Sets what the configuration does not.</param>
    /// <returns>A builder that chooses the second tier, its protection and regions of this cache. Serializers are those of all caches.</returns>
    public static CachingBuilder AddKeyedAutom8Caching(
        this IServiceCollection services,
        object serviceKey,
        Action<CachingOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        AddOptions(services, OptionsName(serviceKey), configure);
        services.TryAddKeyedSingleton(serviceKey, static (provider, key) => Make(provider, key));
        services.TryAddKeyedSingleton<HybridCache>(
            serviceKey,
            static (provider, key) => provider.GetRequiredKeyedService<TieredCache>(key)
        );
        return new CachingBuilder(services, serviceKey);
    }

    private static void AddOptions(IServiceCollection services, string name, Action<CachingOptions>? configure)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<CachingOptions>, CachingOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CachingOptions>, CachingOptionsValidator>());
        var options = services.AddOptions<CachingOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }
    }

    private static string OptionsName(object? serviceKey) => serviceKey?.ToString() ?? Options.Options.DefaultName;

    private static TieredCache Make(IServiceProvider provider, object? key) =>
        new(
            new CacheParts(
                provider.GetRequiredService<IOptionsMonitor<CachingOptions>>().Get(OptionsName(key)),
                provider,
                Find<SharedCacheChoice>(provider, key)?.Make(provider),
                Find<ICachePayloadProtector>(provider, key),
                provider.GetService<TimeProvider>() ?? TimeProvider.System,
                provider.GetService<IMeterFactory>(),
                provider.GetService<ILoggerFactory>()?.CreateLogger<TieredCache>() ?? NullLogger<TieredCache>.Instance,
                WorkQueue.Pool
            )
        );

    private static T? Find<T>(IServiceProvider provider, object? key)
        where T : class => key is null ? provider.GetService<T>() : provider.GetKeyedService<T>(key);
}
