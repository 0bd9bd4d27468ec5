using Autom8.Contacts.Storage;
using Autom8.Contacts.Storage.PostgreSql;
using Autom8.Storage;
using Autom8.Testing;
using Autom8.Testing.Contacts;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Contacts.Tests.Storage;

public sealed class PostgreSqlContactStoreTests : ContactStoreContract, IAsyncLifetime
{
    private ServiceProvider? _services;
    private PostgreSqlDatabase? _database;
    private IContactStore? _store;

    protected override IContactStore Store => _store!;

    public async Task InitializeAsync()
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        _services = new ServiceCollection()
            .AddAutom8PostgreSqlModule(connectionString, ContactMigrations.PostgreSql)
            .BuildServiceProvider();
        _database = _services.GetRequiredService<DatabaseRegistry>().PostgreSql(connectionString);
        _store = new PostgreSqlContactStore(_database);
    }

    public async Task DisposeAsync()
    {
        await _services!.DisposeAsync();
    }

    protected override async ValueTask<long> CountLookupsAsync(Guid id)
    {
        await using var connection = await _database!.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from autom8.contact_lookup where contact_id = $1", connection).Bind(
            id
        );
        return (long)(await command.ExecuteScalarAsync())!;
    }

    protected override async ValueTask<(string Name, bool AnyCiphertext, long Version, bool Deleted)> RawAsync(Guid id)
    {
        await using var connection = await _database!.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select name, coalesce(phone_encrypted, email_encrypted, details_encrypted) is not null, version, deleted_at is not null from autom8.contact where id = $1",
            connection
        ).Bind(id);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return (reader.GetString(0), reader.GetBoolean(1), reader.GetInt64(2), reader.GetBoolean(3));
    }
}
