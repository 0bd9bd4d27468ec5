using System.Data.Common;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Testing.Security;

namespace Autom8.Security.Tests.Audit;

public sealed class SqliteAuditLogTests : AuditLogContract
{
    private readonly SqliteTestDatabase database = new();
    private readonly SqliteAuditLog log;

    public SqliteAuditLogTests() => log = new SqliteAuditLog(database.Database, Keyrings.New(), Time);

    protected override IAuditLog Log => log;

    protected override IAuditVerifier Verifier => log;

    public override Task InitializeAsync() => Task.CompletedTask;

    public override async Task DisposeAsync() => await database.DisposeAsync();

    protected override ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work) => database.InTransactionAsync(work);

    protected override ValueTask ExecuteAsync(string sql) =>
        database.ExecuteAsync(sql.Replace("{log}", "{prefix}audit_log", StringComparison.Ordinal));

    [Fact]
    public async Task A_transaction_of_another_engine_is_refused()
    {
        await using var other = await PostgreSqlTestDatabase.CreateAsync();
        var entry = new AuditEntry("a.b", AuditActor.System, "thing", null);
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await other.InTransactionAsync(transaction => log.AppendAsync(entry, transaction, CancellationToken.None))
        );
        var second = new PostgreSqlAuditLog(other.Database, Keyrings.New(), Time);
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await database.InTransactionAsync(transaction => second.AppendAsync(entry, transaction, CancellationToken.None))
        );
    }

    [Fact]
    public async Task Entries_stay_authentic_when_the_key_is_rotated_and_not_when_it_is_destroyed()
    {
        var first = Keyrings.New();
        var entry = new AuditEntry("a.b", AuditActor.System, "thing", null);
        await new SqliteAuditLog(database.Database, first, Time).AppendAsync(entry, CancellationToken.None);
        var rotated = new SqliteAuditLog(database.Database, Keyrings.Rotated(first, KeyPurpose.Audit), Time);
        await rotated.AppendAsync(entry, CancellationToken.None);

        var verification = await rotated.VerifyAsync(CancellationToken.None);
        Assert.Equal((2L, 0L), (verification.Entries, verification.Failures));

        var destroyed = new SqliteAuditLog(database.Database, Keyrings.Rotated(first, KeyPurpose.Audit, KeyState.Destroyed), Time);
        Assert.Equal(2, (await destroyed.VerifyAsync(CancellationToken.None)).Failures);
    }
}

public sealed class PostgreSqlAuditLogTests : AuditLogContract
{
    private PostgreSqlTestDatabase database = null!;
    private PostgreSqlAuditLog log = null!;

    protected override IAuditLog Log => log;

    protected override IAuditVerifier Verifier => log;

    public override async Task InitializeAsync()
    {
        database = await PostgreSqlTestDatabase.CreateAsync();
        log = new PostgreSqlAuditLog(database.Database, Keyrings.New(), Time);
    }

    public override async Task DisposeAsync() => await database.DisposeAsync();

    protected override ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work) => database.InTransactionAsync(work);

    protected override ValueTask ExecuteAsync(string sql) =>
        database.ExecuteAsync(sql.Replace("{log}", "{prefix}audit_log", StringComparison.Ordinal));
}
