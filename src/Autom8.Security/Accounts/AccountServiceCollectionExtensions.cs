using Autom8.Security.Audit;
using Autom8.Security.Passwords;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Autom8.Security.Accounts;

/// <summary>Registers accounts on the database that <see cref="SecurityBuilder"/> chose. The first choice stands.</summary>
internal static class AccountServiceCollectionExtensions
{
    public static IServiceCollection AddAccounts(this IServiceCollection services, Func<IServiceProvider, SqliteDatabase> database)
    {
        services.TryAddSingleton<IAccountStore>(provider => new SqliteAccountStore(
            database(provider),
            provider.GetRequiredService<IAuditLog>()
        ));
        return services.AddService();
    }

    public static IServiceCollection AddAccounts(this IServiceCollection services, Func<IServiceProvider, PostgreSqlDatabase> database)
    {
        services.TryAddSingleton<IAccountStore>(provider => new PostgreSqlAccountStore(
            database(provider),
            provider.GetRequiredService<IAuditLog>()
        ));
        return services.AddService();
    }

    private static IServiceCollection AddService(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new AccountService(
            provider.GetRequiredService<IAccountStore>(),
            provider.GetRequiredService<IAuditLog>(),
            provider.GetRequiredService<IPasswordHasher>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        return services;
    }
}
