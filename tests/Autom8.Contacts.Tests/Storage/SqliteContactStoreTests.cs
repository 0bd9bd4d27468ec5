using Autom8.Contacts.Storage;
using Autom8.Contacts.Storage.Sqlite;
using Autom8.Storage;
using Autom8.Testing;
using Autom8.Testing.Contacts;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Contacts.Tests.Storage;

public sealed class SqliteContactStoreTests : ContactStoreContract, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services;
    private readonly SqliteDatabase _database;

    public SqliteContactStoreTests()
    {
        var connectionString = $"Data Source={_folder.Combine("autom8.db")}";
        _services = new ServiceCollection().AddAutom8SqliteModule(connectionString, ContactMigrations.Sqlite).BuildServiceProvider();
        _database = _services.GetRequiredService<DatabaseRegistry>().Sqlite(connectionString);
        Store = new SqliteContactStore(_database);
    }

    protected override IContactStore Store { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    protected override ValueTask<long> CountLookupsAsync(Guid id) =>
        ValueTask.FromResult(
            _database.Read(
                id,
                static (session, id) =>
                    (long)session.Command("select count(*) from autom8_contact_lookup where contact_id = ?1").Bind(1, id).ExecuteScalar()!
            )
        );

    protected override ValueTask<(string Name, bool AnyCiphertext, long Version, bool Deleted)> RawAsync(Guid id) =>
        ValueTask.FromResult(
            _database.Read(
                id,
                static (session, id) =>
                {
                    using var reader = session
                        .Command(
                            "select name, coalesce(phone_encrypted, email_encrypted, details_encrypted) is not null, version, deleted_at is not null from autom8_contact where id = ?1"
                        )
                        .Bind(1, id)
                        .ExecuteReader();
                    Assert.True(reader.Read());
                    return (reader.GetString(0), reader.GetBoolean(1), reader.GetInt64(2), reader.GetBoolean(3));
                }
            )
        );
}
