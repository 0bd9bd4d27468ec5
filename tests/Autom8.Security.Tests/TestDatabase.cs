using System.Data.Common;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Security.Tests;

/// <summary>A fresh database with this package's tables, on one engine.</summary>
internal abstract class TestDatabase : IAsyncDisposable
{
    private protected static MigrationSet Migrations(string engine) =>
        MigrationSet.FromResources(
            "security",
            typeof(Autom8.Security.Keys.Keyring).Assembly,
            $"Autom8.Security.Storage.{engine}.Migrations."
        );

    /// <summary>Runs work in a transaction, rolled back when it throws.</summary>
    public abstract ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work);

    /// <summary>Runs SQL as it is, with the token <c>{prefix}</c> replaced.</summary>
    public abstract ValueTask ExecuteAsync(string sql);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A SQLite file of its own.</summary>
internal sealed class SqliteTestDatabase : TestDatabase
{
    private readonly TemporaryFolder folder = new();
    private readonly ServiceProvider provider;

    public SqliteTestDatabase()
    {
        var source = "Data Source=" + folder.Combine("autom8.db");
        provider = new ServiceCollection().AddAutom8SqliteModule(source, Migrations("Sqlite")).BuildServiceProvider();
        Database = provider.GetRequiredService<DatabaseRegistry>().Sqlite(source);
    }

    public SqliteDatabase Database { get; }

    public override async ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work) =>
        await Database.WriteAsync(
            work,
            static async (session, work, _) =>
            {
                await work(session.Transaction!);
                return true;
            }
        );

    public override async ValueTask ExecuteAsync(string sql) =>
        await Database.WriteAsync(
            sql.Replace("{prefix}", Database.TablePrefix, StringComparison.Ordinal),
            static (session, sql, _) => ValueTask.FromResult(session.Command(sql).ExecuteNonQuery())
        );

    public override async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
        folder.Dispose();
    }
}

/// <summary>A database of its own on the real server.</summary>
internal sealed class PostgreSqlTestDatabase : TestDatabase
{
    private readonly ServiceProvider provider;

    private PostgreSqlTestDatabase(string source)
    {
        ConnectionString = source;
        provider = new ServiceCollection().AddAutom8PostgreSqlModule(source, Migrations("PostgreSql")).BuildServiceProvider();
        Database = provider.GetRequiredService<DatabaseRegistry>().PostgreSql(source);
    }

    public PostgreSqlDatabase Database { get; }

    public string ConnectionString { get; }

    public static async Task<PostgreSqlTestDatabase> CreateAsync(PostgreSqlServer? server = null) =>
        new(await (server ?? PostgreSqlServer.Shared).CreateDatabaseAsync());

    /// <summary>The same database, perhaps as another role.</summary>
    public static PostgreSqlTestDatabase Open(string connectionString) => new(connectionString);

    public override async ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work) =>
        await Database.WriteAsync(
            work,
            static async (transaction, work, _) =>
            {
                await work(transaction);
                return true;
            }
        );

    public override async ValueTask ExecuteAsync(string sql)
    {
        await using var connection = await Database.OpenAsync();
        await using var command = new NpgsqlCommand(sql.Replace("{prefix}", Database.TablePrefix, StringComparison.Ordinal), connection);
        await command.ExecuteNonQueryAsync();
    }

    public override async ValueTask DisposeAsync() => await provider.DisposeAsync();
}
