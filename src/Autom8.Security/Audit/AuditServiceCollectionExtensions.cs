using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Autom8.Security.Audit;

/// <summary>Registers the audit log and its chain on the database that <see cref="SecurityBuilder"/> chose. The first choice stands.</summary>
internal static class AuditServiceCollectionExtensions
{
    public static IServiceCollection AddAuditLog(this IServiceCollection services, Func<IServiceProvider, SqliteDatabase> database)
    {
        services.TryAddSingleton<IAuditLog>(provider => new SqliteAuditLog(
            database(provider),
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<IFieldProtector>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<SubjectKeys>()
        ));
        services.TryAddSingleton<IAuditChainStore>(provider => new SqliteAuditChainStore(database(provider)));
        return services.AddChain();
    }

    public static IServiceCollection AddAuditLog(this IServiceCollection services, Func<IServiceProvider, PostgreSqlDatabase> database)
    {
        services.TryAddSingleton<IAuditLog>(provider => new PostgreSqlAuditLog(
            database(provider),
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<IFieldProtector>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<SubjectKeys>()
        ));
        services.TryAddSingleton<IAuditChainStore>(provider => new PostgreSqlAuditChainStore(database(provider)));
        return services.AddChain();
    }

    private static IServiceCollection AddChain(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new AuditChainServices(
            provider.GetRequiredService<IAuditChainStore>(),
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<IFieldProtector>(),
            provider.GetRequiredService<IOptions<SecurityOptions>>().Value.Audit,
            provider.GetServices<IAuditAnchor>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger("Autom8.Security") ?? NullLogger.Instance
        ));
        services.TryAddSingleton<IAuditVerifier>(provider => provider.GetRequiredService<AuditChainServices>().Verifier);
        services.TryAddSingleton<IAuditRetention>(provider => provider.GetRequiredService<AuditChainServices>().Retention);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IKeyUsage, AuditKeyUsage>(provider => provider.GetRequiredService<AuditChainServices>().KeyUsage)
        );
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, AuditSealing>(provider =>
                provider.GetRequiredService<AuditChainServices>().CreateSealing()
            )
        );
        return services;
    }
}
