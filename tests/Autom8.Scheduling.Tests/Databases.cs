using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Storage.PostgreSql;
using Autom8.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Tests;

/// <summary>A database that outlives the nodes of a test.</summary>
public abstract class TestDatabase : IDisposable
{
    public abstract SchedulingBuilder Use(SchedulingBuilder builder);

    /// <summary>On a real server: its clock is made to follow the test's.</summary>
    public virtual ITaskStore Prepare(ITaskStore store, TimeProvider time) => store;

    public void Dispose() => Remove();

    protected virtual void Remove() { }
}

public sealed class SqliteTestDatabase : TestDatabase
{
    private readonly TemporaryFolder _folder = new();

    public override SchedulingBuilder Use(SchedulingBuilder builder) =>
        builder.UseSqlite(new SqliteConnectionStringBuilder { DataSource = _folder.Combine("tasks.db") }.ToString());

    protected override void Remove() => _folder.Dispose();
}

public sealed class PostgreSqlTestDatabase : TestDatabase
{
    private readonly Lazy<string> _connectionString = new(() => PostgreSqlServer.Shared.CreateDatabaseAsync().AsTask().GetAwaiter().GetResult());

    public override SchedulingBuilder Use(SchedulingBuilder builder) => builder.UsePostgreSql(_connectionString.Value);

    public override ITaskStore Prepare(ITaskStore store, TimeProvider time)
    {
        ((PostgreSqlTaskStore)store).ClockOffset = () => time.GetUtcNow() - TimeProvider.System.GetUtcNow();
        return store;
    }
}
