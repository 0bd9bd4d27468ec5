using System.Data.Common;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Storage.PostgreSql;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Scheduling.Tests;

/// <summary>A database that outlives the nodes of a test.</summary>
public abstract class TestDatabase : IDisposable
{
    public abstract SchedulingBuilder Use(SchedulingBuilder builder);

    /// <summary>On a real server: its clock is made to follow the test's.</summary>
    internal virtual ISchedulerStore Prepare(ISchedulerStore store, TimeProvider time) => store;

    /// <summary>Works in a transaction, with what the tables' names begin with; rolled back when the work throws.</summary>
    public abstract ValueTask InTransactionAsync(IServiceProvider services, Func<DbTransaction, string, ValueTask> work);

    /// <summary>Runs statements on the database while no node has it open.</summary>
    public abstract ValueTask ExecuteAsync(string sql);

    public void Dispose() => Remove();

    protected virtual void Remove() { }
}

public sealed class SqliteTestDatabase : TestDatabase
{
    private readonly TemporaryFolder _folder = new();

    private string ConnectionString =>
        new SqliteConnectionStringBuilder { DataSource = _folder.Combine("tasks.db"), Pooling = false }.ToString();

    public override SchedulingBuilder Use(SchedulingBuilder builder) => builder.UseSqlite(ConnectionString);

    public override async ValueTask InTransactionAsync(IServiceProvider services, Func<DbTransaction, string, ValueTask> work)
    {
        var database = services.GetRequiredService<DatabaseRegistry>().Sqlite(ConnectionString);
        await database.WriteAsync(
            work,
            async (session, w, _) =>
            {
                await w(session.Transaction!, database.TablePrefix);
                return true;
            }
        );
    }

    public override async ValueTask ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    protected override void Remove() => _folder.Dispose();
}

/// <param name="through">Another way to the database, such as through a pooler.</param>
public sealed class PostgreSqlTestDatabase(Func<string, string>? through = null) : TestDatabase
{
    private readonly Lazy<string> _connectionString = new(() =>
    {
        var connectionString = PostgreSqlServer.Shared.CreateDatabaseAsync().AsTask().GetAwaiter().GetResult();
        return through?.Invoke(connectionString) ?? connectionString;
    });

    public override SchedulingBuilder Use(SchedulingBuilder builder) => builder.UsePostgreSql(_connectionString.Value);

    public override async ValueTask InTransactionAsync(IServiceProvider services, Func<DbTransaction, string, ValueTask> work)
    {
        var database = services.GetRequiredService<DatabaseRegistry>().PostgreSql(_connectionString.Value);
        await database.WriteAsync(
            work,
            async (transaction, w, _) =>
            {
                await w(transaction, database.TablePrefix);
                return true;
            }
        );
    }

    public override async ValueTask ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_connectionString.Value);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    internal override ISchedulerStore Prepare(ISchedulerStore store, TimeProvider time)
    {
        ((PostgreSqlSchedulerStore)store).ClockOffset = () => time.GetUtcNow() - TimeProvider.System.GetUtcNow();
        return store;
    }
}
