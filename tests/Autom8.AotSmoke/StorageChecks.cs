using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using static Autom8.AotSmoke.SmokeCheck;

namespace Autom8.AotSmoke;

internal static class StorageChecks
{
    public static IEnumerable<SmokeCheck> All => [new("SQLite opens, migrates and answers", SqliteAnswersAsync)];

    private static async Task SqliteAnswersAsync()
    {
        using var scratch = new Scratch();
        var connectionString = scratch.Sqlite;
        var migrations = MigrationSet.FromResources("smoke", typeof(StorageChecks).Assembly, "Autom8.AotSmoke.Migrations.");
        var services = new ServiceCollection().AddAutom8SqliteModule(connectionString, migrations);
        await using var provider = services.BuildServiceProvider();
        var database = provider.GetRequiredService<DatabaseRegistry>().Sqlite(connectionString);
        var id = Guid.CreateVersion7();

        await database.WriteAsync(
            id,
            static (session, id, _) =>
            {
                var insert = session.Command("insert into autom8_note (id, text) values (?1, ?2)").Bind(1, id).Bind(2, "ça va");
                return ValueTask.FromResult(insert.ExecuteNonQuery());
            }
        );
        var (readId, text) = database.Read(
            0,
            static (session, _) =>
            {
                using var reader = session.Command("select id, text from autom8_note").ExecuteReader();
                reader.Read();
                return (reader.GetGuidBlob(0), reader.GetString(1));
            }
        );

        Require(readId == id && text == "ça va", $"Wrote {id} 'ça va', read {readId} '{text}'.");
    }
}
