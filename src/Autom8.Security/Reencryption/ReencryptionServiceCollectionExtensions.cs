using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Autom8.Security.Reencryption;

/// <summary>Registers the re-encryption worker on the database that <see cref="SecurityBuilder"/> chose. The first choice stands.</summary>
internal static class ReencryptionServiceCollectionExtensions
{
    public static IServiceCollection AddReencryption(this IServiceCollection services, Func<IServiceProvider, SqliteDatabase> database)
    {
        services.TryAddSingleton<IReencryptionLog>(provider => new SqliteReencryptionLog(database(provider)));
        return services.AddWorker();
    }

    public static IServiceCollection AddReencryption(this IServiceCollection services, Func<IServiceProvider, PostgreSqlDatabase> database)
    {
        services.TryAddSingleton<IReencryptionLog>(provider => new PostgreSqlReencryptionLog(database(provider)));
        return services.AddWorker();
    }

    private static IServiceCollection AddWorker(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new ReencryptionWorker(
            provider.GetServices<IReencryption>(),
            provider.GetRequiredService<IReencryptionLog>(),
            Options(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger("Autom8.Security") ?? NullLogger.Instance
        ));
        services.TryAddSingleton(provider => new ReencryptionService(
            provider.GetRequiredService<ReencryptionWorker>(),
            Options(provider),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, ReencryptionService>(provider => provider.GetRequiredService<ReencryptionService>())
        );
        return services;
    }

    private static ReencryptionOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<SecurityOptions>>().Value.Reencryption;
}
