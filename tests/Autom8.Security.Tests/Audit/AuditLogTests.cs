using System.Data.Common;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Testing.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace Autom8.Security.Tests.Audit;

public sealed class SqliteAuditLogTests : AuditLogContract
{
    private readonly SqliteTestDatabase database = new();
    private readonly SqliteAuditLog log;
    private readonly AuditChainServices chain;

    public SqliteAuditLogTests() => (log, chain) = Create(Keyrings.New());

    protected override IAuditLog Log => log;

    protected override IAuditVerifier Verifier => chain.Verifier;

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
        var keyring = Keyrings.New();
        var second = new PostgreSqlAuditLog(other.Database, keyring, new FieldProtector(keyring), Time);
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await database.InTransactionAsync(transaction => second.AppendAsync(entry, transaction, CancellationToken.None))
        );
    }

    [Fact]
    public async Task Entries_stay_authentic_when_the_key_is_rotated_and_not_when_it_is_destroyed()
    {
        var first = Keyrings.New();
        var entry = new AuditEntry("a.b", AuditActor.System, "thing", null);
        await Create(first).Log.AppendAsync(entry, CancellationToken.None);
        var rotated = Create(Keyrings.Rotated(first, KeyPurpose.Audit));
        await rotated.Log.AppendAsync(entry, CancellationToken.None);

        var verification = await rotated.Chain.Verifier.VerifyAsync();
        Assert.Equal((2L, 0L), (verification.Entries, verification.Failures));

        var destroyed = Create(Keyrings.Rotated(first, KeyPurpose.Audit, KeyState.Destroyed));
        verification = await destroyed.Chain.Verifier.VerifyAsync();
        Assert.Equal(2, verification.Failures);
        Assert.All(verification.Findings, finding => Assert.Equal(AuditFindingKind.UnknownKey, finding.Kind));
    }

    private (SqliteAuditLog Log, AuditChainServices Chain) Create(Keyring keyring)
    {
        var fields = new FieldProtector(keyring);
        var store = new SqliteAuditChainStore(database.Database);
        return (
            new SqliteAuditLog(database.Database, keyring, fields, Time),
            new AuditChainServices(store, keyring, fields, new AuditOptions(), [], Time, NullLogger.Instance)
        );
    }
}

public sealed class PostgreSqlAuditLogTests : AuditLogContract
{
    private PostgreSqlTestDatabase database = null!;
    private PostgreSqlAuditLog log = null!;
    private AuditChainServices chain = null!;

    protected override IAuditLog Log => log;

    protected override IAuditVerifier Verifier => chain.Verifier;

    public override async Task InitializeAsync()
    {
        database = await PostgreSqlTestDatabase.CreateAsync();
        var keyring = Keyrings.New();
        var fields = new FieldProtector(keyring);
        log = new PostgreSqlAuditLog(database.Database, keyring, fields, Time);
        var store = new PostgreSqlAuditChainStore(database.Database);
        chain = new AuditChainServices(store, keyring, fields, new AuditOptions(), [], Time, NullLogger.Instance);
    }

    public override async Task DisposeAsync() => await database.DisposeAsync();

    protected override ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work) => database.InTransactionAsync(work);

    protected override ValueTask ExecuteAsync(string sql) =>
        database.ExecuteAsync(sql.Replace("{log}", "{prefix}audit_log", StringComparison.Ordinal));
}
