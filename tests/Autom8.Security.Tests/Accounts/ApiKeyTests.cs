using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Testing.Security;

namespace Autom8.Security.Tests.Accounts;

public sealed class SqliteApiKeyTests() : ApiKeyTests("SQLite");

public sealed class PostgreSqlApiKeyTests() : ApiKeyTests("PostgreSQL");

public abstract class ApiKeyTests(string engine) : ApiKeyContract
{
    private AccountDatabase database = null!;

    protected override IAuditLog Log => database.Log;

    public override async Task InitializeAsync() => database = await AccountDatabase.CreateAsync(engine, Time);

    public override async Task DisposeAsync() => await database.DisposeAsync();

    protected override AccountService CreateAccounts() => database.Service();

    protected override ApiKeys CreateKeys(AccountService accounts) => database.ApiKeys(accounts);

    [Fact]
    public async Task A_use_moves_the_hash_to_the_key_in_force()
    {
        var accounts = CreateAccounts();
        var keys = CreateKeys(accounts);
        var ana = (await accounts.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, default)).Account;
        var request = new ApiKeyRequest(ApiKeyKind.ApiKey, "k", ana.Roles, ApiKeyScopes.All, null);
        var secret = (await keys.CreateAsync(ana.Id, request, AuditActor.System, default))!.Secret;
        Assert.NotNull(await keys.VerifyAsync(secret, default));
        var before = database.Keyrings.Current.Active(KeyPurpose.AccountSecret).Id;
        Assert.Equal([new KeyUse(KeyPurpose.AccountSecret, before, "api_key", 1)], await new ApiKeyUsage(database.Keys).CountAsync());

        database.Keyrings.Rotate(KeyPurpose.AccountSecret);
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(await keys.VerifyAsync(secret, default));

        var after = database.Keyrings.Current.Active(KeyPurpose.AccountSecret).Id;
        Assert.Equal([new KeyUse(KeyPurpose.AccountSecret, after, "api_key", 1)], await new ApiKeyUsage(database.Keys).CountAsync());
        Assert.NotNull(await CreateKeys(accounts).VerifyAsync(secret, default));
    }

    [Fact]
    public async Task A_database_that_fails_is_an_outage_and_a_use_that_cannot_be_noted_is_none()
    {
        var accounts = CreateAccounts();
        var store = new FailingApiKeyStore(database.Keys);
        var keys = new ApiKeys(store, accounts, database.Keyrings, Time);
        var ana = (await accounts.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, default)).Account;
        var request = new ApiKeyRequest(ApiKeyKind.ApiKey, "k", ana.Roles, ApiKeyScopes.All, null);
        var secret = (await keys.CreateAsync(ana.Id, request, AuditActor.System, default))!.Secret;

        store.FindFailure = new IOException("gone");
        var outage = await Assert.ThrowsAsync<EpochsUnknownException>(async () => await keys.VerifyAsync(secret, default));
        Assert.Same(store.FindFailure, outage.InnerException);

        store.FindFailure = null;
        store.UsedFailure = new TimeoutException("busy");
        Assert.NotNull(await keys.VerifyAsync(secret, default));
    }
}
