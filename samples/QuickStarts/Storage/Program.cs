using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;

const string file = "Data Source=data/notes.db";
var migrations = MigrationSet.FromResources("notes", typeof(Program).Assembly, "QuickStart.Migrations.");
await using var services = new ServiceCollection().AddAutom8SqliteModule(file, migrations).BuildServiceProvider();
var database = services.GetRequiredService<DatabaseRegistry>().Sqlite(file);

// Done when it is on disk; whoever writes at the same moment shares the same fsync.
await database.WriteAsync(
    "milk",
    static (session, text, _) =>
        ValueTask.FromResult(session.Command("insert into autom8_note (text) values (?1)").Bind(1, text).ExecuteNonQuery())
);

var notes = database.Read(0, static (session, _) => (long)session.Command("select count(*) from autom8_note").ExecuteScalar()!);
Console.WriteLine($"Notes in {database.Path}: {notes}");
