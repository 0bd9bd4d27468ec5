using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Autom8.Testing.Security;

namespace Autom8.Security.Tests.Accounts;

public sealed class SqliteAccountStoreTests : AccountStoreContract
{
    private readonly SqliteTestDatabase database = new();
    private readonly PasswordHasher hasher;
    private readonly Keyring keyring = Keyrings.New();
    private readonly SqliteAuditLog log;

    public SqliteAccountStoreTests()
    {
        hasher = QuickPasswords.Hasher(keyring);
        log = new SqliteAuditLog(database.Database, keyring, new FieldProtector(keyring), Time);
    }

    protected override IAuditLog Log => log;

    public override Task InitializeAsync() => Task.CompletedTask;

    public override async Task DisposeAsync()
    {
        hasher.Dispose();
        await database.DisposeAsync();
    }

    protected override AccountService CreateService() =>
        new(new SqliteAccountStore(database.Database, log), log, hasher, new SecondFactors(keyring, "autom8"), Time);

    [Fact]
    public Task What_is_done_to_accounts_by_hand_ends_their_tokens_too() =>
        AccountStoreClaims.SeesWhatIsDoneByHand(database, CreateService(), Time);

    [Fact]
    public Task A_change_whose_audit_entry_cannot_be_written_is_not_made() =>
        AccountStoreClaims.AuditFailureUndoesTheChange(audit => new SqliteAccountStore(database.Database, audit), log);

    [Fact]
    public Task A_password_hashed_with_other_settings_is_hashed_anew_at_sign_in() =>
        AccountStoreClaims.SignInRehashes(new SqliteAccountStore(database.Database, log), log, keyring, Time);
}

public sealed class PostgreSqlAccountStoreTests : AccountStoreContract
{
    private readonly PasswordHasher hasher;
    private readonly Keyring keyring = Keyrings.New();
    private PostgreSqlTestDatabase database = null!;
    private PostgreSqlAuditLog log = null!;

    public PostgreSqlAccountStoreTests() => hasher = QuickPasswords.Hasher(keyring);

    protected override IAuditLog Log => log;

    public override async Task InitializeAsync()
    {
        database = await PostgreSqlTestDatabase.CreateAsync();
        log = new PostgreSqlAuditLog(database.Database, keyring, new FieldProtector(keyring), Time);
    }

    public override async Task DisposeAsync()
    {
        hasher.Dispose();
        await database.DisposeAsync();
    }

    protected override AccountService CreateService() =>
        new(new PostgreSqlAccountStore(database.Database, log), log, hasher, new SecondFactors(keyring, "autom8"), Time);

    [Fact]
    public Task What_is_done_to_accounts_by_hand_ends_their_tokens_too() =>
        AccountStoreClaims.SeesWhatIsDoneByHand(database, CreateService(), Time);

    [Fact]
    public Task A_change_whose_audit_entry_cannot_be_written_is_not_made() =>
        AccountStoreClaims.AuditFailureUndoesTheChange(audit => new PostgreSqlAccountStore(database.Database, audit), log);

    [Fact]
    public Task A_password_hashed_with_other_settings_is_hashed_anew_at_sign_in() =>
        AccountStoreClaims.SignInRehashes(new PostgreSqlAccountStore(database.Database, log), log, keyring, Time);
}
