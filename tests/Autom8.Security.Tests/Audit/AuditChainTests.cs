using System.Data.Common;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Tests.Encryption;
using Autom8.Testing;
using Autom8.Testing.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Autom8.Security.Tests.Audit;

/// <summary>The contract over one engine's log and chain store.</summary>
public abstract class AuditChainTests : AuditChainContract
{
    private readonly TemporaryFolder folder = new();
    private AuditChainServices services = null!;
    private IAuditLog log = null!;

    private protected Keyring Keyring { get; private set; } = Keyrings.New();

    private protected AuditChainServices Services => services;

    protected override IAuditLog Log => log;

    protected override IAuditVerifier Verifier => services.Verifier;

    protected override IAuditRetention Retention => services.Retention;

    private protected abstract TestDatabase Database { get; }

    private protected SubjectKeys Subjects { get; private set; } = null!;

    private protected abstract IAuditLog CreateLog(IKeyringProvider keyrings, IFieldProtector fields, SubjectKeys subjectKeys);

    private protected abstract ISubjectKeyStore CreateSubjectKeyStore();

    private protected abstract IAuditChainStore CreateStore();

    private protected abstract string Zero { get; }

    private protected string AnchorFile => folder.Combine("anchor.txt");

    protected override ValueTask<long> SealAsync() => services.Sealer.SealAsync(CancellationToken.None);

    protected override ValueTask AnchorAsync() => services.AnchorAsync(CancellationToken.None);

    protected override void Restart()
    {
        services?.Dispose();
        Subjects?.Dispose();
        (Subjects, var fields) = SubjectNodes.Over(CreateSubjectKeyStore(), Keyring, Time);
        var options = new AuditOptions { CheckpointEntries = 20, AnchorFile = AnchorFile };
        services = new AuditChainServices(CreateStore(), Keyring, fields, options, [], Time, NullLogger.Instance);
        log = CreateLog(Keyring, fields, Subjects);
    }

    protected override void RotateKey(bool destroy = false)
    {
        Keyring = Keyrings.Rotated(Keyring, KeyPurpose.Audit, destroy ? KeyState.Destroyed : KeyState.VerifyOnly);
        Restart();
    }

    protected override ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work) => Database.InTransactionAsync(work);

    protected override ValueTask ExecuteAsync(string sql) =>
        Database.ExecuteAsync(
            sql.Replace("{log}", "{prefix}audit_log", StringComparison.Ordinal)
                .Replace("{sealname}", Zero == "zeroblob(16)" ? "{prefix}audit_seal" : "audit_seal", StringComparison.Ordinal)
                .Replace("{seal}", "{prefix}audit_seal", StringComparison.Ordinal)
                .Replace("{checkpoint}", "{prefix}audit_checkpoint", StringComparison.Ordinal)
                .Replace("{cut}", "{prefix}audit_cut", StringComparison.Ordinal)
                .Replace("{zero}", Zero, StringComparison.Ordinal)
        );

    [Fact]
    public async Task When_a_subject_s_key_is_destroyed_personal_values_are_gone_and_the_chain_holds()
    {
        var subject = Guid.CreateVersion7(Start);
        await Log.AppendAsync(Entry("ana") with { Subject = subject, Personal = """{"name":"Grace"}""" }, CancellationToken.None);
        await SealAsync();
        await AnchorAsync();
        Assert.True(await Subjects.ShredAsync(subject));
        Restart();

        var record = Assert.Single((await Log.ListAsync(new AuditQuery(), CancellationToken.None)).Records);
        Assert.Equal((subject, null, true, true), (record.Subject, record.Personal, record.IsErased, record.IsAuthentic));
        await VerifyAsync();
        await Assert.ThrowsAsync<FieldProtectionException>(async () => await Log.AppendAsync(Personal(subject), CancellationToken.None));
        Assert.Single((await Log.ListAsync(new AuditQuery(), CancellationToken.None)).Records);
    }

    [Fact]
    public async Task Personal_values_that_cannot_be_read_are_not_called_erased()
    {
        await Log.AppendAsync(Personal(Guid.CreateVersion7(Start)), CancellationToken.None);
        Keyring = Keyrings.Rotated(Keyring, KeyPurpose.FieldEncryption, KeyState.Destroyed);
        Restart();

        var record = Assert.Single((await Log.ListAsync(new AuditQuery(), CancellationToken.None)).Records);
        Assert.Equal((null, false, true), (record.Personal, record.IsErased, record.IsAuthentic));
    }

    [Fact]
    public async Task Personal_entries_of_a_new_subject_share_the_key_that_their_transaction_makes()
    {
        var subject = Guid.CreateVersion7(Start);
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await InTransactionAsync(async transaction =>
            {
                await Log.AppendAsync(Personal(subject), transaction, CancellationToken.None);
                throw new TimeoutException("rolled back");
            })
        );
        await InTransactionAsync(async transaction =>
        {
            await Log.AppendAsync(Personal(subject), transaction, CancellationToken.None);
            await Log.AppendAsync(Personal(subject), transaction, CancellationToken.None);
            await Log.AppendAsync([Personal(subject), Personal(subject)], transaction, CancellationToken.None);
        });
        await Log.AppendAsync(Personal(subject), CancellationToken.None);
        Restart();

        var records = (await Log.ListAsync(new AuditQuery(), CancellationToken.None)).Records;
        Assert.Equal(5, records.Count);
        Assert.All(records, record => Assert.Equal(Personal(subject).Personal, record.Personal));
    }

    [Fact]
    public async Task Rows_that_name_countless_keys_are_sealed_all_the_same()
    {
        await AppendAsync(2_000);
        var random = new Random(5);
        var id = new byte[KeyId.Length];
        var edit = new System.Text.StringBuilder();
        foreach (var row in (await AllAsync()).Select(record => record.Id))
        {
            random.NextBytes(id);
            edit.Append(Edit(row, new KeyId(id))).Append(';');
        }

        await ExecuteAsync(edit.ToString());
        Assert.Equal(2_000, await SealAsync());
        Assert.Equal(0, await SealAsync());
        await AppendAsync(1);
        Assert.Equal(1, await SealAsync());
        Assert.Equal(2_000, (await Verifier.VerifyAsync()).Failures);
    }

    [Fact]
    public void Counts_of_a_key_that_can_make_no_more_are_dropped_once_its_rows_are_given_up()
    {
        var live = Keyring.Active(KeyPurpose.Audit).Id.ToString();
        var gone = new KeyId([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]).ToString();
        AuditKeyCount[] counts = [new("audit_log", gone, 5), new("audit_seal", gone, 6), new("audit_log", live, 7)];
        AuditKeyCount[] cut = [new("audit_log", gone, 5), new("audit_seal", gone, 5), new("audit_log", live, 7)];
        Assert.Equal(counts, AuditKeyCounts.Carried(counts, [], new AuditKeys(Keyring)));
        Assert.Equal(counts[1..], AuditKeyCounts.Carried(counts, cut, new AuditKeys(Keyring)));
    }

    [Fact]
    public async Task A_cut_takes_the_cuts_before_it_along()
    {
        for (var i = 0; i < 3; i++)
        {
            await AppendAsync(25);
            await SealAsync();
            await Retention.CutAsync(Time.GetUtcNow(), AuditActor.System);
        }

        Assert.Equal(1, (await UsesAsync()).Single(use => use.Table == "audit_cut").Rows);
        await SealAsync();
        await VerifyAsync();
    }

    [Fact]
    public async Task Keys_are_counted_by_the_rows_that_need_them()
    {
        Assert.Empty(await UsesAsync());
        var first = Keyring.Active(KeyPurpose.Audit).Id;
        await AppendAsync(25);
        await SealAsync();
        await AppendAsync(3);
        await SealAsync();
        await AppendAsync(2);
        Assert.Equal([("audit_checkpoint", first, 1L), ("audit_log", first, 30L), ("audit_seal", first, 28L)], await UsesAsync());

        RotateKey();
        var second = Keyring.Active(KeyPurpose.Audit).Id;
        await AppendAsync(20);
        await SealAsync();
        Assert.Equal(
            [
                ("audit_checkpoint", first, 1L),
                ("audit_checkpoint", second, 1L),
                ("audit_log", first, 30L),
                ("audit_log", second, 20L),
                ("audit_seal", first, 28L),
                ("audit_seal", second, 22L),
            ],
            (await UsesAsync()).OrderBy(use => (use.Table, use.Key != first))
        );

        // After a cut nobody needs the first.
        await Retention.CutAsync(Time.GetUtcNow(), AuditActor.System);
        await SealAsync();
        Assert.Equal(
            [("audit_checkpoint", second, 1L), ("audit_cut", second, 1L), ("audit_log", second, 1L), ("audit_seal", second, 1L)],
            await UsesAsync()
        );
    }

    [Fact]
    public async Task The_anchor_s_file_is_read_whatever_a_crash_has_left_in_it()
    {
        await AppendAsync(25);
        await SealAsync();
        await AnchorAsync();
        await AnchorAsync();
        var first = await File.ReadAllTextAsync(AnchorFile);
        Assert.Equal(1, (await VerifyAsync()).Anchored);

        await File.AppendAllTextAsync(AnchorFile, first[..(first.Length / 2)]);
        await AppendAsync(25);
        await SealAsync();
        Restart();
        await AnchorAsync();
        Restart();
        await AnchorAsync();
        Assert.Equal(2, (await VerifyAsync()).Anchored);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(AnchorFile));
        }
    }

    [Fact]
    public async Task What_the_keyring_did_not_sign_or_what_is_behind_is_not_anchored()
    {
        await AppendAsync(25);
        await SealAsync();
        await ExecuteAsync("update {checkpoint} set note = replace(note, 'rows ', 'rowz ')");
        await AnchorAsync();
        Assert.False(File.Exists(AnchorFile));

        await AppendAsync(25);
        await SealAsync();
        await AnchorAsync();
        var before = await File.ReadAllTextAsync(AnchorFile);
        await ExecuteAsync("delete from {log}");
        await ExecuteAsync("delete from {seal}");
        await ExecuteAsync("delete from {checkpoint}");
        Restart();
        await AppendAsync(25);
        await SealAsync();
        await AnchorAsync();
        Assert.Equal(before, await File.ReadAllTextAsync(AnchorFile));
        Assert.Contains((await Verifier.VerifyAsync()).Findings, finding => finding.Kind == AuditFindingKind.Truncated);
    }

    private protected AuditEntry Personal(Guid subject) => Entry("ana") with { Subject = subject, Personal = """{"name":"Grace"}""" };

    private protected abstract string Edit(Guid row, KeyId key);

    private async Task<List<AuditRecord>> AllAsync()
    {
        var all = new List<AuditRecord>();
        Guid? before = null;
        do
        {
            var page = await Log.ListAsync(new AuditQuery { Limit = AuditQuery.MaxLimit, Cursor = before }, CancellationToken.None);
            all.AddRange(page.Records);
            before = page.NextCursor;
        } while (before is not null);

        return all;
    }

    private async Task<List<(string Table, KeyId Key, long Rows)>> UsesAsync() =>
        [
            .. (await services.KeyUsage.CountAsync())
                .Select(use => (use.Table, use.Key, use.Rows))
                .OrderBy(use => use.Table, StringComparer.Ordinal),
        ];

    public override Task InitializeAsync()
    {
        Restart();
        return Task.CompletedTask;
    }

    public override async Task DisposeAsync()
    {
        services.Dispose();
        Subjects.Dispose();
        await Database.DisposeAsync();
        folder.Dispose();
    }
}

public sealed class SqliteAuditChainTests : AuditChainTests
{
    private readonly SqliteTestDatabase database = new();

    private protected override TestDatabase Database => database;

    private protected override string Zero => "zeroblob(16)";

    private protected override IAuditLog CreateLog(IKeyringProvider keyrings, IFieldProtector fields, SubjectKeys subjectKeys) =>
        new SqliteAuditLog(database.Database, keyrings, fields, Time, subjectKeys);

    private protected override ISubjectKeyStore CreateSubjectKeyStore() => new SqliteSubjectKeyStore(database.Database);

    private protected override string Edit(Guid row, KeyId key) =>
        $"update {{log}} set key_id = '{key}' where id = x'{Convert.ToHexString(row.ToByteArray(bigEndian: true))}'";

    private protected override IAuditChainStore CreateStore() => new SqliteAuditChainStore(database.Database);

    protected override ValueTask ForgetPendingAsync() =>
        ExecuteAsync("delete from {prefix}audit_pending where entry_id in (select entry_id from {seal})");

    [Fact]
    public async Task An_entry_that_is_deleted_before_it_is_sealed_is_missed()
    {
        await AppendAsync(3);
        await ExecuteAsync("delete from {log} where \"user\" = 'user-2'");
        Assert.Equal(3, await SealAsync());
        var finding = Assert.Single((await Verifier.VerifyAsync()).Findings);
        Assert.Equal((AuditFindingKind.Deleted, 2L), (finding.Kind, finding.Sequence));
    }

    [Fact]
    public async Task An_entry_that_is_made_to_look_as_if_it_waited_again_does_not_stop_the_sealer()
    {
        await AppendAsync(2);
        await SealAsync();
        await ExecuteAsync("insert into {prefix}audit_pending (entry_id) select id from {log}");
        await AppendAsync(2);
        Assert.Equal(2, await SealAsync());
        Assert.Equal((4L, 4L), await CountAsync());
    }
}

public sealed class PostgreSqlAuditChainTests(PostgreSqlAuditChainTests.QuietServer server)
    : AuditChainTests,
        IClassFixture<PostgreSqlAuditChainTests.QuietServer>
{
    private PostgreSqlTestDatabase database = null!;

    private protected override TestDatabase Database => database;

    private protected override string Zero => "'00000000-0000-0000-0000-000000000000'";

    private protected override IAuditLog CreateLog(IKeyringProvider keyrings, IFieldProtector fields, SubjectKeys subjectKeys) =>
        new PostgreSqlAuditLog(database.Database, keyrings, fields, Time, subjectKeys);

    private protected override ISubjectKeyStore CreateSubjectKeyStore() => new PostgreSqlSubjectKeyStore(database.Database);

    private protected override string Edit(Guid row, KeyId key) => $"update {{log}} set key_id = '{key}' where id = '{row}'";

    private protected override IAuditChainStore CreateStore() => new PostgreSqlAuditChainStore(database.Database);

    protected override ValueTask ForgetPendingAsync() => ValueTask.CompletedTask;

    public override async Task InitializeAsync()
    {
        database = await PostgreSqlTestDatabase.CreateAsync(server.Server);
        await database.Database.InitializeAsync();
        await base.InitializeAsync();
    }

    [Fact]
    public async Task An_entry_of_a_transaction_that_commits_late_is_not_left_out()
    {
        await using var connection = await database.Database.OpenAsync();
        await using var late = await connection.BeginTransactionAsync();
        await Log.AppendAsync(Entry("late"), late, CancellationToken.None);
        await AppendAsync(5); // after it, and visible before it

        // Nothing at or behind the open transaction is sealed yet: it could still come before.
        Assert.Equal(0, await SealAsync());
        Assert.Equal((5L, 0L), await CountAsync());
        await late.CommitAsync();
        Assert.Equal(6, await SealAsync());
        Assert.Equal((6L, 6L), await CountAsync());
    }

    [Fact]
    public async Task Transactions_of_any_length_are_all_sealed()
    {
        var random = new Random(7);
        var gates = Enumerable
            .Range(0, 8)
            .Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .ToArray();
        var appending = gates
            .Select(
                async (gate, i) =>
                {
                    await using var connection = new NpgsqlConnection(database.ConnectionString);
                    await connection.OpenAsync();
                    await using var transaction = await connection.BeginTransactionAsync();
                    for (var n = 0; n < 5; n++)
                    {
                        await Log.AppendAsync(Entry($"t{i}"), transaction, CancellationToken.None);
                    }

                    await gate.Task;
                    if (i % 4 == 3)
                    {
                        await transaction.RollbackAsync();
                        return;
                    }

                    await transaction.CommitAsync();
                }
            )
            .ToArray();
        foreach (var i in Enumerable.Range(0, 8).OrderBy(_ => random.Next()))
        {
            await AppendAsync(2);
            await SealAsync();
            await VerifyAsync();
            gates[i].SetResult();
            await appending[i];
        }

        await SealAsync();
        Assert.Equal((46L, 46L), await CountAsync());
    }

    [Fact]
    public async Task A_dump_restored_into_a_cluster_whose_transactions_are_not_as_far_goes_on()
    {
        await AppendAsync(5);
        await SealAsync();
        await AppendAsync(2); // not sealed when the dump was made
        await ExecuteAsync("update {log} set transaction_id = (transaction_id::text::bigint + 1000000000)::text::xid8");
        await ExecuteAsync("update {seal} set transaction_id = (transaction_id::text::bigint + 1000000000)::text::xid8");
        Restart();
        await AppendAsync(3);
        Assert.Equal(5, await SealAsync());
        await VerifyAsync();
        Assert.Equal(0, await SealAsync()); // writes audit.restored
        Assert.Equal(1, await SealAsync());
        await AppendAsync(4);
        Assert.Equal(4, await SealAsync());
        Assert.Equal(0, await SealAsync());
        Assert.Equal((15L, 15L), await CountAsync());
    }

    [Fact]
    public async Task While_an_old_transaction_is_open_a_restored_log_is_marked_once()
    {
        await AppendAsync(5);
        await SealAsync();
        await ExecuteAsync("update {log} set transaction_id = (transaction_id::text::bigint + 1000000000)::text::xid8");
        await ExecuteAsync("update {seal} set transaction_id = (transaction_id::text::bigint + 1000000000)::text::xid8");
        Restart();
        await using var connection = await database.Database.OpenAsync();
        await using var late = await connection.BeginTransactionAsync();
        await Log.AppendAsync(Entry("late"), late, CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, await SealAsync());
        }

        Assert.Single((await Log.ListAsync(new AuditQuery { Action = "audit.restored" }, CancellationToken.None)).Records);
        await late.CommitAsync();
        Assert.Equal(2, await SealAsync());
        await VerifyAsync();
    }

    [Fact]
    public async Task A_personal_entry_needs_no_connection_but_that_of_its_transaction()
    {
        await using var narrow = PostgreSqlTestDatabase.Open(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1, Timeout = 2 }.ConnectionString
        );
        var (subjects, fields) = SubjectNodes.Over(new PostgreSqlSubjectKeyStore(narrow.Database), Keyring, Time);
        using var _ = subjects;
        var appending = new PostgreSqlAuditLog(narrow.Database, Keyring, fields, Time, subjects);
        await appending.AppendAsync(Personal(Guid.CreateVersion7(Start)), CancellationToken.None);
        Assert.Single((await Log.ListAsync(new AuditQuery(), CancellationToken.None)).Records);
    }

    [Fact]
    public async Task While_another_node_seals_this_one_does_not_wait()
    {
        await AppendAsync(1);
        var store = CreateStore();
        var second = -1L;
        await store.SealAsync(
            async (_, _) =>
            {
                second = await SealAsync();
                return "held";
            },
            CancellationToken.None
        );
        Assert.Equal(0, second);
        Assert.Equal(1, await SealAsync());
    }

    /// <summary>The grants of docs/audit.md, as they stand there.</summary>
    [Fact]
    public async Task The_documented_grants_let_the_service_append_seal_and_verify_and_nothing_else()
    {
        var documented = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "docs", "audit.md"));
        var sql = documented[(documented.IndexOf("```sql\n", StringComparison.Ordinal) + 7)..];
        await ExecuteAsync(
            "do $$ begin create role autom8_service login; exception when duplicate_object then null; end $$;"
                + "do $$ begin create role autom8_retention login; exception when duplicate_object then null; end $$;"
                + sql[..sql.IndexOf("```", StringComparison.Ordinal)]
        );
        await AppendAsync(1);
        await SealAsync();

        await using (var service = await AsAsync("autom8_service"))
        {
            var chain = Chain(service);
            var appending = new PostgreSqlAuditLog(service.Database, Keyring, new FieldProtector(Keyring), Time);
            await appending.AppendAsync(Entry("ana"), CancellationToken.None);
            Assert.Equal(1, await chain.Sealer.SealAsync(CancellationToken.None));
            Assert.True((await chain.Verifier.VerifyAsync()).Holds);
            foreach (var table in (string[])["audit_log", "audit_seal", "audit_checkpoint", "audit_cut"])
            {
                await RefusedAsync(service, $"delete from {{prefix}}{table}");
                await RefusedAsync(service, $"truncate {{prefix}}{table}");
                await RefusedAsync(service, $"drop table {{prefix}}{table}");
            }

            await RefusedAsync(service, "update {prefix}audit_log set details = null");
            await RefusedAsync(service, "update {prefix}audit_seal set chain = ''");
        }

        await using var retention = await AsAsync("autom8_retention");
        Time.Advance(TimeSpan.FromDays(1));
        await SealAsync();
        Assert.Equal(2, await Chain(retention).Retention.CutAsync(Time.GetUtcNow(), AuditActor.System));
        await RefusedAsync(retention, "update {prefix}audit_log set details = null");
        await VerifyAsync();

        async Task<PostgreSqlTestDatabase> AsAsync(string role)
        {
            var other = PostgreSqlTestDatabase.Open(
                new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role }.ConnectionString
            );
            await other.Database.OpenAsync().AsTask().ContinueWith(opened => opened.Result.Dispose(), TaskScheduler.Default);
            return other;
        }

        AuditChainServices Chain(PostgreSqlTestDatabase over) =>
            new(
                new PostgreSqlAuditChainStore(over.Database),
                Keyring,
                new FieldProtector(Keyring),
                new AuditOptions(),
                [],
                Time,
                NullLogger.Instance
            );

        static async Task RefusedAsync(PostgreSqlTestDatabase over, string sql)
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(async () => await over.ExecuteAsync(sql));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Autom8.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>
    /// A server of its own: the sealer goes up to the oldest open transaction of the whole server, and other tests hold theirs open on purpose.
    /// </summary>
    public sealed class QuietServer : IAsyncLifetime
    {
        public PostgreSqlServer Server { get; private set; } = null!;

        public async Task InitializeAsync() =>
            Server = await PostgreSqlServer.StartAsync(new PostgreSqlServerOptions { Settings = ["autovacuum = off"] });

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
