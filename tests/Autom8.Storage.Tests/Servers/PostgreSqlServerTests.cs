using Autom8.Testing;
using Npgsql;

namespace Autom8.Storage.Tests.Servers;

public sealed class PostgreSqlServerTests
{
    [Fact]
    public async Task Each_database_is_new_empty_and_utf8()
    {
        var first = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var second = await PostgreSqlServer.Shared.CreateDatabaseAsync();

        await ExecuteAsync(first, "create table t (n int); insert into t values (1)");

        Assert.Equal("UTF8", await ScalarAsync(second, "show server_encoding"));
        Assert.Equal(0L, await ScalarAsync(second, "select count(*) from pg_tables where schemaname = 'public'"));
    }

    [Fact]
    public async Task Databases_can_be_created_at_the_same_time()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostgreSqlServer.Shared.CreateDatabaseAsync().AsTask()));

        Assert.Equal(8, created.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_durable_server_keeps_what_it_committed_and_its_port_over_an_immediate_restart()
    {
        await using var server = await PostgreSqlServer.StartAsync(new() { Durable = true, Settings = ["application_name = 'drill'"] });
        var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, "create table t (n int); insert into t values (7)");
        var before = server.ProcessId;

        await server.RestartAsync(immediate: true);
        NpgsqlConnection.ClearAllPools();

        Assert.NotEqual(before, server.ProcessId);
        Assert.Equal("on", await ScalarAsync(database, "show fsync"));
        Assert.Equal("drill", await ScalarAsync(database, "select reset_val from pg_settings where name = 'application_name'"));
        Assert.Equal(7, await ScalarAsync(database, "select n from t"));
    }

    [Fact]
    public async Task A_stopped_server_refuses_connections_and_a_disposed_one_leaves_nothing()
    {
        var server = await PostgreSqlServer.StartAsync();
        var folder = Path.GetDirectoryName(server.DataFolder);
        var database = await server.CreateDatabaseAsync();

        await server.StopAsync();
        await Assert.ThrowsAsync<NpgsqlException>(() => ScalarAsync(database, "select 1"));
        Assert.Equal(0, server.ProcessId);

        await server.DisposeAsync();
        Assert.False(Directory.Exists(folder));
    }

    private static async Task ExecuteAsync(string database, string sql) => _ = await ScalarAsync(database, sql);

    private static async Task<object?> ScalarAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
