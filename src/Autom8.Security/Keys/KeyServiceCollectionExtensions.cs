using Autom8.Security.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Autom8.Security.Keys;

/// <summary>Registers the life of keys, once the keyring is.</summary>
internal static class KeyServiceCollectionExtensions
{
    public static IServiceCollection AddKeyLifecycle(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new KeyLifecycle(
            provider.GetRequiredService<KeyringProvider>(),
            provider.GetRequiredService<IKeyringStore>(),
            new KeyUsageReader(provider.GetServices<IKeyUsage>),
            provider.GetRequiredService<IOptions<SecurityOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            SecurityBuilder.Logger(provider)
        ));
        services.TryAddSingleton(provider => new KeyringEscrow(
            provider.GetRequiredService<KeyringProvider>(),
            provider.GetRequiredService<IKeyringStore>(),
            new KeyUsageReader(provider.GetServices<IKeyUsage>),
            provider.GetService<IAuditLog>
        ));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, KeyRotationService>(provider => new KeyRotationService(
                provider.GetRequiredService<KeyLifecycle>(),
                provider.GetRequiredService<IOptions<SecurityOptions>>().Value,
                provider.GetRequiredService<TimeProvider>(),
                SecurityBuilder.Logger(provider)
            ))
        );
        return services;
    }
}
