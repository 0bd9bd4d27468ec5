using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Autom8.Security.Reencryption;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

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
        services.TryAddSingleton<IApiKeyStore>(provider => new SqliteApiKeyStore(
            database(provider),
            provider.GetRequiredService<IAuditLog>()
        ));
        services.TryAddSingleton<IRefreshTokenStore>(provider => new SqliteRefreshTokenStore(
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
        services.TryAddSingleton<IApiKeyStore>(provider => new PostgreSqlApiKeyStore(
            database(provider),
            provider.GetRequiredService<IAuditLog>()
        ));
        services.TryAddSingleton<IRefreshTokenStore>(provider => new PostgreSqlRefreshTokenStore(
            database(provider),
            provider.GetRequiredService<IAuditLog>()
        ));
        return services.AddService();
    }

    private static IServiceCollection AddService(this IServiceCollection services)
    {
        if (services.Any(static service => service.ServiceType == typeof(AccountService)))
        {
            return services;
        }

        foreach (var column in AccountSecretColumn.All)
        {
            services.AddSingleton<IReencryption>(provider => new AccountSecretReencryption(
                column,
                provider.GetRequiredService<IAccountStore>(),
                provider.GetRequiredService<IKeyringProvider>()
            ));
        }

        services.TryAddSingleton(provider => new AccountService(
            provider.GetRequiredService<IAccountStore>(),
            provider.GetRequiredService<IAuditLog>(),
            provider.GetRequiredService<IPasswordHasher>(),
            new SecondFactors(
                provider.GetRequiredService<IKeyringProvider>(),
                provider.GetRequiredService<IOptions<SecurityOptions>>().Value.Tokens.Issuer
            ),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.TryAddSingleton<IRefreshTokens>(provider => new RefreshTokens(
            provider.GetRequiredService<IRefreshTokenStore>(),
            provider.GetRequiredService<IAccountStore>(),
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<IOptions<SecurityOptions>>().Value.RefreshTokens,
            // A SQLite file is one machine's, which has one clock.
            provider.GetRequiredService<IRefreshTokenStore>() is SqliteRefreshTokenStore
                ? TimeSpan.Zero
                : provider.GetRequiredService<IOptions<SecurityOptions>>().Value.Tokens.ClockSkew,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.TryAddSingleton(provider => new ApiKeys(
            provider.GetRequiredService<IApiKeyStore>(),
            provider.GetRequiredService<AccountService>(),
            provider.GetRequiredService<IKeyringProvider>(),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKeyUsage, RefreshTokenUsage>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKeyUsage, ApiKeyUsage>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKeyUsage, AccountSecretUsage>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, RefreshTokenCleanup>(provider => new RefreshTokenCleanup(
                provider.GetRequiredService<IRefreshTokens>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetService<ILogger<RefreshTokenCleanup>>() ?? NullLogger<RefreshTokenCleanup>.Instance
            ))
        );
        return services;
    }
}
