using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Autom8.Testing.Security;
using Microsoft.Extensions.Time.Testing;

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

    protected override IRefreshTokens CreateTokens() => new RefreshTokens(Store(), Accounts(), keyrings, Options, TimeSpan.Zero, Time);

    [Fact]
    public Task Tokens_outlive_rotations_of_the_key() =>
        RefreshTokenClaims.TokensOutliveKeyRotations(CreateAccounts(), CreateTokens(), Store(), keyrings, Time);

    [Fact]
    public Task A_family_whose_end_cannot_be_recorded_is_not_ended() =>
        RefreshTokenClaims.AuditFailureUndoesTheRevocation(
            CreateAccounts(),
            audit => new RefreshTokens(
                new SqliteRefreshTokenStore(database.Database, audit),
                Accounts(),
                keyrings,
                Options,
                TimeSpan.Zero,
                Time
            ),
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

    protected override IRefreshTokens CreateTokens() => new RefreshTokens(Store(), Accounts(), keyrings, Options, TimeSpan.Zero, Time);

    [Fact]
    public async Task A_node_whose_clock_is_ahead_takes_no_repetition_for_theft()
    {
        var skew = TimeSpan.FromSeconds(30);
        IRefreshTokens Node(TimeProvider time) => new RefreshTokens(Store(), Accounts(), keyrings, Options, skew, time);
        var accounts = CreateAccounts();
        var ana = (await accounts.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, default)).Account;
        var ahead = new FakeTimeProvider(Time.GetUtcNow() + skew);
        var first = await Node(Time).IssueAsync(ana);
        var next = Assert.IsType<RefreshResult.Rotated>(await Node(Time).RotateAsync(first.Token));

        ahead.Advance(Options.ReuseGrace - TimeSpan.FromMicroseconds(1));
        Assert.Equal(next.Token, Assert.IsType<RefreshResult.SameSuccessor>(await Node(ahead).RotateAsync(first.Token)).Token);
        ahead.Advance(TimeSpan.FromMicroseconds(1));
        Assert.IsType<RefreshResult.ReuseDetected>(await Node(ahead).RotateAsync(first.Token));
    }

    [Fact]
    public Task Tokens_outlive_rotations_of_the_key() =>
        RefreshTokenClaims.TokensOutliveKeyRotations(CreateAccounts(), CreateTokens(), Store(), keyrings, Time);

    [Fact]
    public Task A_family_whose_end_cannot_be_recorded_is_not_ended() =>
        RefreshTokenClaims.AuditFailureUndoesTheRevocation(
            CreateAccounts(),
            audit => new RefreshTokens(
                new PostgreSqlRefreshTokenStore(database.Database, audit),
                Accounts(),
                keyrings,
                Options,
                TimeSpan.Zero,
                Time
            ),
            log,
            Time
        );

    [Fact]
    public Task Only_hashes_are_stored() => RefreshTokenClaims.OnlyHashesAreStored(CreateAccounts(), CreateTokens(), Store(), keyrings);

    private PostgreSqlAccountStore Accounts() => new(database.Database, log);

    private PostgreSqlRefreshTokenStore Store() => new(database.Database, log);
}
