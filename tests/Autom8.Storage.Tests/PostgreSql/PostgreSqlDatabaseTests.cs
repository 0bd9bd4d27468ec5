using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Storage.Tests.PostgreSql;

public sealed class PostgreSqlDatabaseTests
{
    [Fact]
    public async Task Eight_processes_that_start_at_once_apply_each_migration_once()
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var providers = Enumerable.Range(0, 8).Select(_ => Provider(connectionString)).ToArray();
        await Task.WhenAll(providers.Select(p => Task.Run(async () => await Database(p, connectionString).InitializeAsync())));

        await using var connection = await Database(providers[0], connectionString).OpenAsync();
        await using var count = new NpgsqlCommand("select count(*) from autom8.autom8_schema where module = 'notes'", connection);
        Assert.Equal(2L, await count.ExecuteScalarAsync());
        foreach (var provider in providers)
        {
            await provider.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_write_commits_and_an_exception_undoes_it()
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using var provider = Provider(connectionString);
        var database = Database(provider, connectionString);
        await AddAsync(database, "kept", fail: false);
        await Assert.ThrowsAsync<InvalidOperationException>(() => AddAsync(database, "lost", fail: true));

        await using var connection = await database.OpenAsync();
        await using var all = new NpgsqlCommand("select string_agg(text, ',') from autom8.note", connection);
        Assert.Equal("kept", await all.ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_tables_stand_in_the_schema_that_was_asked_for()
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using var provider = Provider(connectionString, o => o.Schema = "crm");
        var database = Database(provider, connectionString);
        Assert.Equal("crm.", database.TablePrefix);
        await using var connection = await database.OpenAsync();
        await using var found = new NpgsqlCommand(
            "select to_regclass('crm.note') is not null and to_regclass('autom8.note') is null",
            connection
        );
        Assert.True((bool)(await found.ExecuteScalarAsync())!);
    }

    [Fact]
    public async Task A_data_source_of_the_callers_is_used_and_left_open()
    {
        await using var dataSource = NpgsqlDataSource.Create(await PostgreSqlServer.Shared.CreateDatabaseAsync());
        await using (var provider = new ServiceCollection().AddAutom8PostgreSqlModule(dataSource, Set()).BuildServiceProvider())
        {
            var database = provider.GetRequiredService<DatabaseRegistry>().PostgreSql(dataSource);
            Assert.Same(dataSource, database.DataSource);
            await AddAsync(database, "kept", fail: false);
        }

        await using var command = dataSource.CreateCommand("select text from autom8.note");
        Assert.Equal("kept", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Validate_refuses_a_database_that_is_behind()
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using (var provider = Provider(connectionString))
        {
            await using var connection = await Database(provider, connectionString).OpenAsync();
            await using var forget = new NpgsqlCommand("delete from autom8.autom8_schema where version = 2", connection);
            await forget.ExecuteNonQueryAsync();
        }

        // A database that has the module is not changed unasked.
        await using var again = Provider(connectionString);
        var refused = await Assert.ThrowsAsync<StorageException>(async () => await Database(again, connectionString).InitializeAsync());
        Assert.Contains("lacks migration notes 0002_author", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db.example.com;Username=u", false)]
    [InlineData("Host=10.1.2.3;Username=u", false)]
    [InlineData("Host=127.0.0.1,db.example.com;Username=u", false)]
    [InlineData("Host=db.example.com;Username=u;SSL Mode=VerifyFull", true)]
    [InlineData("Host=127.0.0.1;Username=u", true)]
    [InlineData("Host=[::1]:5432;Username=u", true)]
    [InlineData("Host=localhost;Username=u", true)]
    [InlineData("Host=/run/postgresql;Username=u", true)]
    public async Task Plaintext_leaves_this_machine_only_when_a_setting_says_so(string connectionString, bool allowed)
    {
        await using var strict = Provider(connectionString);
        if (allowed)
        {
            Assert.NotNull(Database(strict, connectionString));
            return;
        }

        var refused = Assert.Throws<StorageException>(() => Database(strict, connectionString));
        Assert.Contains("SSL Mode=VerifyFull", refused.Message, StringComparison.Ordinal);
        await using var lenient = Provider(connectionString, o => o.AllowPlaintext = true);
        Assert.NotNull(Database(lenient, connectionString));
    }

    [Theory]
    [InlineData("Host=127.0.0.1", null, 64)]
    [InlineData("Host=127.0.0.1;MaxPoolSize=3;Max Auto Prepare=0", 3, 0)]
    public async Task The_pool_is_small_and_statements_are_prepared_unless_the_connection_string_says_otherwise(
        string connectionString,
        int? pool,
        int prepared
    )
    {
        await using var provider = Provider(connectionString);
        var settings = new NpgsqlConnectionStringBuilder(Database(provider, connectionString).DataSource.ConnectionString);
        Assert.Equal(pool ?? Math.Max(10, (Environment.ProcessorCount * 2) + 4), settings.MaxPoolSize);
        Assert.Equal(prepared, settings.MaxAutoPrepare);
    }

    [Theory]
    [InlineData("Robert'; drop table")]
    [InlineData("")]
    [InlineData("Upper")]
    public void A_schema_that_is_not_an_identifier_is_refused_by_name(string schema)
    {
        using var provider = Provider("Host=127.0.0.1", o => o.Schema = schema);
        var refused = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            provider.GetRequiredService<DatabaseRegistry>()
        );
        Assert.Contains("Autom8:Storage:Schema", refused.Message, StringComparison.Ordinal);
    }

    private static MigrationSet Set() =>
        MigrationSet.FromResources("notes", typeof(PostgreSqlDatabaseTests).Assembly, "Autom8.Storage.Tests.Migrations.PostgreSql.");

    private static ServiceProvider Provider(string connectionString, Action<StorageOptions>? configure = null) =>
        new ServiceCollection().AddAutom8PostgreSqlModule(connectionString, Set()).AddAutom8Storage(configure).BuildServiceProvider();

    private static PostgreSqlDatabase Database(ServiceProvider provider, string connectionString) =>
        provider.GetRequiredService<DatabaseRegistry>().PostgreSql(connectionString);

    private static Task<int> AddAsync(PostgreSqlDatabase database, string text, bool fail) =>
        database
            .WriteAsync(
                (text, fail),
                static async (transaction, state, cancellation) =>
                {
                    await using var insert = new NpgsqlCommand(
                        "insert into autom8.note (text) values ($1)",
                        transaction.Connection,
                        transaction
                    ).Bind(state.text);
                    var rows = await insert.ExecuteNonQueryAsync(cancellation);
                    return state.fail ? throw new InvalidOperationException() : rows;
                }
            )
            .AsTask();
}
