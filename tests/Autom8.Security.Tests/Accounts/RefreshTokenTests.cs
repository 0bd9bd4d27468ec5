using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Autom8.Testing.Security;

namespace Autom8.Security.Tests.Accounts;

public sealed class SqliteRefreshTokenTests : RefreshTokenContract
{
    private readonly SqliteTestDatabase database = new();
    private readonly RotatingKeyring keyrings = new();
    private readonly PasswordHasher hasher;
    private readonly SqliteAuditLog log;

    public SqliteRefreshTokenTests()
    {
        hasher = QuickPasswords.Hasher(keyrings);
        log = new SqliteAuditLog(database.Database, keyrings, new FieldProtector(keyrings), Time);
    }

    protected override IAuditLog Log => log;

    public override Task InitializeAsync() => Task.CompletedTask;

    public override async Task DisposeAsync()
    {
        hasher.Dispose();
        await database.DisposeAsync();
    }

    protected override AccountService CreateAccounts() => new(Accounts(), log, hasher, new SecondFactors(keyrings, "autom8"), Time);

    protected override IRefreshTokens CreateTokens() => new RefreshTokens(Store(), Accounts(), keyrings, Options, Time);

    [Fact]
    public Task Tokens_outlive_rotations_of_the_key() =>
        RefreshTokenClaims.TokensOutliveKeyRotations(CreateAccounts(), CreateTokens(), Store(), keyrings, Time);

    [Fact]
    public Task A_family_whose_end_cannot_be_recorded_is_not_ended() =>
        RefreshTokenClaims.AuditFailureUndoesTheRevocation(
            CreateAccounts(),
            audit => new RefreshTokens(new SqliteRefreshTokenStore(database.Database, audit), Accounts(), keyrings, Options, Time),
            log,
            Time
        );

    [Fact]
    public Task Only_hashes_are_stored() => RefreshTokenClaims.OnlyHashesAreStored(CreateAccounts(), CreateTokens(), Store(), keyrings);

    private SqliteAccountStore Accounts() => new(database.Database, log);

    private SqliteRefreshTokenStore Store() => new(database.Database, log);
}

public sealed class PostgreSqlRefreshTokenTests : RefreshTokenContract
{
    private readonly RotatingKeyring keyrings = new();
    private readonly PasswordHasher hasher;
    private PostgreSqlTestDatabase database = null!;
    private PostgreSqlAuditLog log = null!;

    public PostgreSqlRefreshTokenTests() => hasher = QuickPasswords.Hasher(keyrings);

    protected override IAuditLog Log => log;

    public override async Task InitializeAsync()
    {
        database = await PostgreSqlTestDatabase.CreateAsync();
        log = new PostgreSqlAuditLog(database.Database, keyrings, new FieldProtector(keyrings), Time);
    }

    public override async Task DisposeAsync()
    {
        hasher.Dispose();
        await database.DisposeAsync();
    }

    protected override AccountService CreateAccounts() => new(Accounts(), log, hasher, new SecondFactors(keyrings, "autom8"), Time);

    protected override IRefreshTokens CreateTokens() => new RefreshTokens(Store(), Accounts(), keyrings, Options, Time);

    [Fact]
    public Task Tokens_outlive_rotations_of_the_key() =>
        RefreshTokenClaims.TokensOutliveKeyRotations(CreateAccounts(), CreateTokens(), Store(), keyrings, Time);

    [Fact]
    public Task A_family_whose_end_cannot_be_recorded_is_not_ended() =>
        RefreshTokenClaims.AuditFailureUndoesTheRevocation(
            CreateAccounts(),
            audit => new RefreshTokens(new PostgreSqlRefreshTokenStore(database.Database, audit), Accounts(), keyrings, Options, Time),
            log,
            Time
        );

    [Fact]
    public Task Only_hashes_are_stored() => RefreshTokenClaims.OnlyHashesAreStored(CreateAccounts(), CreateTokens(), Store(), keyrings);

    private PostgreSqlAccountStore Accounts() => new(database.Database, log);

    private PostgreSqlRefreshTokenStore Store() => new(database.Database, log);
}
