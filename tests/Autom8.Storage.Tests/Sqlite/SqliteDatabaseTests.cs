using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Storage.Tests.Sqlite;

public sealed class SqliteDatabaseTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ServiceProvider> _providers = [];

    [Fact]
    public async Task A_completed_write_is_read_by_the_next_read_and_after_a_restart()
    {
        var database = Open();
        await AddAsync(database, "milk");
        Assert.Equal(["milk"], Notes(database));

        await CloseAsync();
        Assert.Equal(["milk"], Notes(Open()));
    }

    [Fact]
    public async Task Writes_are_applied_in_the_order_in_which_they_were_queued()
    {
        var database = Open();
        var writes = Enumerable.Range(0, 500).Select(i => AddAsync(database, i.ToString("000", null))).ToArray();
        await Task.WhenAll(writes);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => i.ToString("000", null)), Notes(database));
    }

    [Fact]
    public async Task A_write_that_throws_undoes_itself_alone()
    {
        var database = Open();
        // The gate holds the lane, so that all three stand in one group.
        var gate = new TaskCompletionSource();
        var first = AddAsync(database, "before", () => gate.Task);
        var failing = AddAsync(database, "lost", () => throw new InvalidOperationException("no"));
        var last = AddAsync(database, "after");
        gate.SetResult();

        await first;
        await last;
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(["before", "after"], Notes(database));
    }

    [Fact]
    public async Task A_write_that_breaks_a_constraint_half_way_leaves_nothing()
    {
        var database = Open();
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(async () =>
            await database.WriteAsync(
                0,
                static (session, _, _) =>
                {
                    session.Command("insert into autom8_note (text) values ('half')").ExecuteNonQuery();
                    session.Command("insert into autom8_note (text) values (null)").ExecuteNonQuery();
                    return ValueTask.FromResult(0);
                }
            )
        );
        Assert.Empty(Notes(database));
    }

    [Fact]
    public async Task A_write_is_not_seen_before_it_is_committed()
    {
        var database = Open();
        var inside = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var write = AddAsync(
            database,
            "secret",
            () =>
            {
                inside.SetResult();
                return gate.Task;
            }
        );
        await inside.Task;
        Assert.Empty(Notes(database));
        gate.SetResult();
        await write;
        Assert.Equal(["secret"], Notes(database));
    }

    [Fact]
    public async Task A_write_cancelled_while_queued_never_runs()
    {
        var database = Open();
        var gate = new TaskCompletionSource();
        var first = AddAsync(database, "first", () => gate.Task);
        using var cancelled = new CancellationTokenSource();
        var second = AddAsync(database, "second", null, cancelled.Token);
        await cancelled.CancelAsync();
        gate.SetResult();
        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(["first"], Notes(database));
    }

    [Fact]
    public async Task A_full_disk_fails_the_writes_and_the_lane_goes_on_when_there_is_room_again()
    {
        var database = Open();
        await AddAsync(database, "kept");
        await database.WriteAsync(0, static (s, _, _) => ValueTask.FromResult(s.Command("pragma max_page_count = 10").ExecuteScalar()));
        var large = new string('x', 1 << 20);
        // The engine rolls the whole transaction back: what shares it fails with it, and what queues behind it must not be told of it.
        var gate = new TaskCompletionSource();
        var shares = AddAsync(database, "shares", () => gate.Task);
        var full = AddAsync(database, large);
        var behind = AddAsync(database, "behind");
        gate.SetResult();
        var error = await Assert.ThrowsAsync<SqliteException>(() => full);
        Assert.Equal(13, error.SqliteErrorCode);
        Assert.Same(error, await Assert.ThrowsAsync<SqliteException>(() => shares));
        await behind;
        await database.WriteAsync(
            0,
            static (s, _, _) => ValueTask.FromResult(s.Command("pragma max_page_count = 1000000").ExecuteScalar())
        );
        await AddAsync(database, "also kept");
        Assert.Equal(["kept", "behind", "also kept"], Notes(database));
    }

    [Fact]
    public async Task A_callers_transaction_carries_the_write_of_another_store()
    {
        var database = Open();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await database.WriteAsync(
                0,
                static (session, _, _) =>
                {
                    var same = SqliteSession.Of(session.Transaction!);
                    Assert.Same(session, same);
                    same.Command("insert into autom8_note (text) values ('audit')").ExecuteNonQuery();
                    return ValueTask.FromException<int>(new InvalidOperationException());
                }
            )
        );
        Assert.Empty(Notes(database));
    }

    [Fact]
    public async Task A_second_process_on_the_same_file_is_refused_and_told_why()
    {
        await Open().InitializeAsync();
        // A second registry stands for a second process: the claim is on the file, not in memory.
        var second = Registry("Sqlite").Sqlite(ConnectionString());
        var refused = await Assert.ThrowsAsync<StorageException>(async () => await second.InitializeAsync());
        Assert.Contains("Another process already uses", refused.Message, StringComparison.Ordinal);
        Assert.Contains("PostgreSQL", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_folder_and_every_file_in_it_are_the_owners_alone()
    {
        var database = Open();
        await AddAsync(database, "milk");
        var folder = Path.GetDirectoryName(database.Path)!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.All(
            Directory.GetFiles(folder, "app.db*").Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file))
        );
    }

    [Fact]
    public async Task Deleted_text_is_in_no_file_of_the_database()
    {
        var database = Open();
        await AddAsync(database, "a-secret-that-was-deleted");
        await database.WriteAsync(0, static (s, _, _) => ValueTask.FromResult(s.Command("delete from autom8_note").ExecuteNonQuery()));
        await CloseAsync();
        Assert.Empty(new ByteSearch().Add("a-secret-that-was-deleted").SearchFolder(_folder.Path));
    }

    [Fact]
    public async Task Reads_and_writes_from_many_threads_never_fail_or_lose_a_row()
    {
        var database = Open();
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(thread =>
                    Task.Run(async () =>
                    {
                        for (var i = 0; i < 50; i++)
                        {
                            await AddAsync(database, $"{thread}-{i}");
                            Assert.Contains($"{thread}-{i}", Notes(database));
                        }
                    })
                )
        );
        Assert.Equal(400, Notes(database).Count);
    }

    [Fact]
    public async Task A_changed_migration_is_refused()
    {
        await Open().InitializeAsync();
        await CloseAsync();
        var refused = await Assert.ThrowsAsync<StorageException>(async () => await Open("Changed").InitializeAsync());
        Assert.Contains("notes 0001_note", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused()
    {
        var database = Open();
        await database.WriteAsync(
            0,
            static (s, _, _) =>
                ValueTask.FromResult(
                    s.Command("insert into autom8_schema (module, version, checksum, applied_at) values ('notes', 3, 'x', 0)")
                        .ExecuteNonQuery()
                )
        );
        await CloseAsync();
        var refused = await Assert.ThrowsAsync<StorageException>(async () => await Open().InitializeAsync());
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_names_the_missing_migration_and_touches_nothing()
    {
        var refused = await Assert.ThrowsAsync<StorageException>(async () => await Open(mode: SchemaMode.Validate).InitializeAsync());
        Assert.Contains("lacks migration notes 0001_note", refused.Message, StringComparison.Ordinal);
        await CloseAsync();
        Assert.Empty(Notes(Open()));
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=")]
    public void A_database_that_is_not_a_file_is_refused(string connectionString) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddAutom8SqliteModule(connectionString, Set("Sqlite")));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    private static MigrationSet Set(string folder) =>
        MigrationSet.FromResources("notes", typeof(SqliteDatabaseTests).Assembly, $"Autom8.Storage.Tests.Migrations.{folder}.");

    private string ConnectionString() => "Data Source=" + _folder.Combine("data", "app.db");

    private SqliteDatabase Open(string migrations = "Sqlite", SchemaMode? mode = null) =>
        Registry(migrations, mode).Sqlite(ConnectionString());

    private DatabaseRegistry Registry(string migrations, SchemaMode? mode = null)
    {
        var provider = new ServiceCollection()
            .AddAutom8SqliteModule(ConnectionString(), Set(migrations))
            .AddAutom8Storage(o => o.SchemaMode = mode)
            .BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<DatabaseRegistry>();
    }

    private async Task CloseAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }

        _providers.Clear();
    }

    private static Task<int> AddAsync(
        SqliteDatabase database,
        string text,
        Func<Task>? then = null,
        CancellationToken cancellation = default
    ) =>
        database
            .WriteAsync(
                (text, then),
                static async (session, state, _) =>
                {
                    var rows = session.Command("insert into autom8_note (text) values (?1)").Bind(1, state.text).ExecuteNonQuery();
                    await (state.then?.Invoke() ?? Task.CompletedTask);
                    return rows;
                },
                cancellation
            )
            .AsTask();

    private static List<string> Notes(SqliteDatabase database) =>
        database.Read(
            0,
            static (session, _) =>
            {
                var texts = new List<string>();
                using var reader = session.Command("select text from autom8_note order by id").ExecuteReader();
                while (reader.Read())
                {
                    texts.Add(reader.GetString(0));
                }

                return texts;
            }
        );
}
