using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Reencryption;
using Autom8.Security.Storage;
using Autom8.Security.Storage.PostgreSql;
using Autom8.Security.Storage.Sqlite;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Autom8.Security;

/// <summary>Chooses where the keyring and the package's tables are kept. The first choice stands.</summary>
public sealed class SecurityBuilder
{
    internal SecurityBuilder(IServiceCollection services) => Services = services;

    /// <summary>The registrations.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Keeps the keyring in an owner-only file outside the data folder, and the tables in a SQLite file.</summary>
    /// <param name="connectionString"><c>Data Source=path/autom8.db</c></param>
    public SecurityBuilder UseSqlite(string connectionString)
    {
        Services.AddAutom8SqliteModule(connectionString, SecurityMigrations.Sqlite);
        SqliteDatabase Database(IServiceProvider provider) => provider.GetRequiredService<DatabaseRegistry>().Sqlite(connectionString);
        Services.AddAuditLog(Database).AddAccounts(Database).AddSubjectKeys(Database).AddReencryption(Database);
        return UseStore(provider => new SqliteKeyringStore(
            Database(provider),
            Options(provider),
            () => Kek(provider),
            new SqliteKeyringChecks(Database(provider), provider.GetService<IAuditLog>),
            Time(provider),
            Logger(provider)
        ));
    }

    /// <summary>Keeps the keyring, wrapped by the key-encryption key, and the tables in a PostgreSQL database.</summary>
    public SecurityBuilder UsePostgreSql(string connectionString)
    {
        Services.AddAutom8PostgreSqlModule(connectionString, SecurityMigrations.PostgreSql);
        return UsePostgreSql(registry => registry.PostgreSql(connectionString));
    }

    /// <summary>Keeps the keyring, wrapped by the key-encryption key, and the tables in a PostgreSQL database.</summary>
    public SecurityBuilder UsePostgreSql(NpgsqlDataSource dataSource)
    {
        Services.AddAutom8PostgreSqlModule(dataSource, SecurityMigrations.PostgreSql);
        return UsePostgreSql(registry => registry.PostgreSql(dataSource));
    }

    /// <summary>Uses a keyring that the application keeps itself. There are then no tables.</summary>
    public SecurityBuilder UseKeyring(Keyring keyring)
    {
        ArgumentNullException.ThrowIfNull(keyring);
        return UseStore(_ => new GivenKeyring(keyring));
    }

    /// <summary>Wraps the keyring by a key that is kept elsewhere, such as in a KMS, instead of by one from the settings.</summary>
    public SecurityBuilder UseKeyEncryptionKey(Func<IServiceProvider, IKeyEncryptionKey> keyEncryptionKey)
    {
        ArgumentNullException.ThrowIfNull(keyEncryptionKey);
        Services.TryAddSingleton(keyEncryptionKey);
        return this;
    }

    private SecurityBuilder UsePostgreSql(Func<DatabaseRegistry, PostgreSqlDatabase> database)
    {
        PostgreSqlDatabase Database(IServiceProvider provider) => database(provider.GetRequiredService<DatabaseRegistry>());
        Services.AddAuditLog(Database).AddAccounts(Database).AddSubjectKeys(Database).AddReencryption(Database);
        return UseStore(provider => new PostgreSqlKeyringStore(
            Database(provider),
            Options(provider),
            () => Kek(provider),
            provider.GetService<IAuditLog>,
            Time(provider),
            Logger(provider)
        ));
    }

    private SecurityBuilder UseStore(Func<IServiceProvider, IKeyringStore> store)
    {
        Services.TryAddSingleton(store);
        return this;
    }

    private static SecurityOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<SecurityOptions>>().Value;

    private static IKeyEncryptionKey? Kek(IServiceProvider provider) =>
        provider.GetService<IKeyEncryptionKey>() ?? KeyEncryptionKey.From(Options(provider));

    private static TimeProvider Time(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();

    internal static ILogger Logger(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>()?.CreateLogger("Autom8.Security") ?? NullLogger.Instance;
}
