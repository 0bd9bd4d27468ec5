using Autom8.Contacts.Storage;
using Autom8.Contacts.Storage.PostgreSql;
using Autom8.Contacts.Storage.Sqlite;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Autom8.Contacts;

/// <summary>Chooses where contacts are kept. The audit log must be in the same database. The first choice stands.</summary>
public sealed class ContactsBuilder
{
    internal ContactsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The registrations.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Keeps contacts in a SQLite file.</summary>
    /// <param name="connectionString"><c>Data Source=path/autom8.db</c></param>
    public ContactsBuilder UseSqlite(string connectionString)
    {
        Services.AddAutom8SqliteModule(connectionString, ContactMigrations.Sqlite);
        return UseStore(provider => new SqliteContactStore(provider.GetRequiredService<DatabaseRegistry>().Sqlite(connectionString)));
    }

    /// <summary>Keeps contacts in a PostgreSQL database.</summary>
    public ContactsBuilder UsePostgreSql(string connectionString)
    {
        Services.AddAutom8PostgreSqlModule(connectionString, ContactMigrations.PostgreSql);
        return UseStore(provider => new PostgreSqlContactStore(
            provider.GetRequiredService<DatabaseRegistry>().PostgreSql(connectionString)
        ));
    }

    /// <summary>Keeps contacts in the PostgreSQL database behind a data source of the caller's, who disposes it.</summary>
    public ContactsBuilder UsePostgreSql(NpgsqlDataSource dataSource)
    {
        Services.AddAutom8PostgreSqlModule(dataSource, ContactMigrations.PostgreSql);
        return UseStore(provider => new PostgreSqlContactStore(provider.GetRequiredService<DatabaseRegistry>().PostgreSql(dataSource)));
    }

    private ContactsBuilder UseStore(Func<IServiceProvider, IContactStore> store)
    {
        Services.TryAddSingleton(store);
        return this;
    }
}
