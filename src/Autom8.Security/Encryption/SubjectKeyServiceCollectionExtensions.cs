using Autom8.Security.Keys;
using Autom8.Security.Reencryption;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Autom8.Security.Encryption;

/// <summary>Registers subject keys on the database that <see cref="SecurityBuilder"/> chose. The first choice stands.</summary>
internal static class SubjectKeyServiceCollectionExtensions
{
    public static IServiceCollection AddSubjectKeys(this IServiceCollection services, Func<IServiceProvider, SqliteDatabase> database)
    {
        services.TryAddSingleton<ISubjectKeyStore>(provider => new SqliteSubjectKeyStore(database(provider)));
        return services.AddService();
    }

    public static IServiceCollection AddSubjectKeys(this IServiceCollection services, Func<IServiceProvider, PostgreSqlDatabase> database)
    {
        services.TryAddSingleton<ISubjectKeyStore>(provider => new PostgreSqlSubjectKeyStore(database(provider)));
        return services.AddService();
    }

    private static IServiceCollection AddService(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new SubjectKeyWrapper(provider.GetRequiredService<IKeyringProvider>()));
        services.TryAddSingleton(provider => new SubjectKeys(
            provider.GetRequiredService<ISubjectKeyStore>(),
            provider.GetRequiredService<SubjectKeyWrapper>(),
            provider.GetRequiredService<IOptions<SecurityOptions>>().Value.SubjectKeys,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.TryAddSingleton<ISubjectKeys>(provider => provider.GetRequiredService<SubjectKeys>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKeyUsage, SubjectKeyUsage>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IReencryption, SubjectKeyReencryption>());
        return services;
    }
}
