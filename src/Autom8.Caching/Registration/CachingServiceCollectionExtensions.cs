using System.Diagnostics.Metrics;
using Autom8.Caching;
using Autom8.Caching.Distributed;
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
    /// <returns>A builder that chooses the second tier, its protection and serializers.</returns>
    public static CachingBuilder AddAutom8Caching(this IServiceCollection services, Action<CachingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<CachingOptions>, CachingOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CachingOptions>, CachingOptionsValidator>());
        var options = services.AddOptions<CachingOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(static provider => new TieredCache(
            provider.GetRequiredService<IOptions<CachingOptions>>().Value,
            provider,
            provider.GetService<DistributedCacheChoice>()?.Make(provider),
            provider.GetService<ICachePayloadProtector>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetService<IMeterFactory>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger<TieredCache>() ?? NullLogger<TieredCache>.Instance
        ));
        services.TryAddSingleton<HybridCache>(static provider => provider.GetRequiredService<TieredCache>());
        return new CachingBuilder(services);
    }
}
