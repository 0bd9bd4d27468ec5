using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Autom8.Security.Audit;

/// <summary>Registers the audit log on the database that <see cref="SecurityBuilder"/> chose. The first choice stands.</summary>
internal static class AuditServiceCollectionExtensions
{
    public static IServiceCollection AddAuditLog(this IServiceCollection services, Func<IServiceProvider, SqliteDatabase> database)
    {
        services.TryAddSingleton<IAuditLog>(provider => new SqliteAuditLog(
            database(provider),
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        return services.AddVerifier();
    }

    public static IServiceCollection AddAuditLog(this IServiceCollection services, Func<IServiceProvider, PostgreSqlDatabase> database)
    {
        services.TryAddSingleton<IAuditLog>(provider => new PostgreSqlAuditLog(
            database(provider),
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        return services.AddVerifier();
    }

    private static IServiceCollection AddVerifier(this IServiceCollection services)
    {
        services.TryAddSingleton(provider =>
            provider.GetRequiredService<IAuditLog>() as IAuditVerifier
            ?? throw new InvalidOperationException(
                "The audit log was replaced by one that cannot be verified. Register an IAuditVerifier as well."
            )
        );
        return services;
    }
}
