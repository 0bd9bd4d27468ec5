using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Security;

/// <summary>What API keys and app passwords promise on every engine.</summary>
public abstract class ApiKeyContract : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly AuditActor Admin = new("root", "req-9");

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    protected abstract IAuditLog Log { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    protected abstract AccountService CreateAccounts();

    /// <summary>Keys over the same database with a memory of their own, as another node has.</summary>
    protected abstract ApiKeys CreateKeys(AccountService accounts);

    [Fact]
    public async Task A_key_speaks_for_its_owner_within_its_roles_and_scopes()
    {
        var accounts = CreateAccounts();
        var keys = CreateKeys(accounts);
        var ana = await AccountAsync(accounts, "ana", AccountRoles.Editor, AccountRoles.Viewer);

        var made = (await keys.CreateAsync(ana.Id, Request(), Admin, Ct))!;
        var password = (
            await keys.CreateAsync(ana.Id, Request() with { Kind = ApiKeyKind.AppPassword, Scopes = ApiKeyScopes.All }, Admin, Ct)
        )!;

        Assert.Matches("^a8k_[A-Za-z0-9_-]{48}$", made.Secret);
        Assert.Matches("^a8p_[A-Za-z0-9_-]{48}$", password.Secret);
        var identity = (await keys.VerifyAsync(made.Secret, Ct))!;
        Assert.Equal(
            (made.Key.Id, ana.Id, ApiKeyKind.ApiKey, false),
            (identity.KeyId, identity.Account.Id, identity.Kind, identity.CanWrite)
        );
        Assert.Equal([AccountRoles.Viewer], identity.Roles);
        var device = (await keys.VerifyAsync(password.Secret, Ct))!;
        Assert.Equal((ApiKeyKind.AppPassword, true), (device.Kind, device.CanWrite));
        Assert.DoesNotContain(made.Secret, made.ToString(), StringComparison.Ordinal);
        Assert.Equal(new[] { made.Key.Id, password.Key.Id }.Order(), (await keys.ListAsync(ana.Id, Ct)).Select(k => k.Id).Order());
    }

    [Fact]
    public async Task A_key_follows_the_roles_and_the_state_of_its_owner_within_a_second()
    {
        var accounts = CreateAccounts();
        var (here, there) = (CreateKeys(accounts), CreateKeys(CreateAccounts()));
        await AccountAsync(accounts, "root", AccountRoles.Administrator);
        var ana = await AccountAsync(accounts, "ana", AccountRoles.Editor, AccountRoles.Viewer);
        var secret = (await here.CreateAsync(ana.Id, Request(AccountRoles.Editor, AccountRoles.Viewer), Admin, Ct))!.Secret;
        Assert.Equal(2, (await there.VerifyAsync(secret, Ct))!.Roles.Count);

        await accounts.SetRolesAsync(ana.Id, [AccountRoles.Viewer, AccountRoles.Administrator], Admin, Ct);
        Assert.Equal([AccountRoles.Viewer], (await here.VerifyAsync(secret, Ct))!.Roles);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([AccountRoles.Viewer], (await there.VerifyAsync(secret, Ct))!.Roles);

        await accounts.DisableAsync(ana.Id, Admin, Ct);
        Assert.Null(await here.VerifyAsync(secret, Ct));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await there.VerifyAsync(secret, Ct));
        await accounts.EnableAsync(ana.Id, Admin, Ct);
        Assert.NotNull(await here.VerifyAsync(secret, Ct));
    }

    [Fact]
    public async Task A_revoked_key_is_dead_at_once_here_and_within_a_second_elsewhere_and_only_its_owner_revokes_it()
    {
        var accounts = CreateAccounts();
        var (here, there) = (CreateKeys(accounts), CreateKeys(CreateAccounts()));
        var ana = await AccountAsync(accounts, "ana", AccountRoles.Viewer);
        var bo = await AccountAsync(accounts, "bo", AccountRoles.Viewer);
        var made = (await here.CreateAsync(ana.Id, Request(), Admin, Ct))!;
        Assert.NotNull(await here.VerifyAsync(made.Secret, Ct));
        Assert.NotNull(await there.VerifyAsync(made.Secret, Ct));

        Assert.False(await here.RevokeAsync(bo.Id, made.Key.Id, Admin, Ct));
        Assert.True(await here.RevokeAsync(ana.Id, made.Key.Id, Admin, Ct));
        Assert.False(await here.RevokeAsync(ana.Id, made.Key.Id, Admin, Ct));

        Assert.Null(await here.VerifyAsync(made.Secret, Ct));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await there.VerifyAsync(made.Secret, Ct));
        Assert.Empty(await here.ListAsync(ana.Id, Ct));
        Assert.Equal(
            ["api_key.created", "api_key.revoked"],
            (await Log.ListAsync(new AuditQuery { User = "root" }, Ct))
                .Records.Select(r => r.Action)
                .Where(a => a.StartsWith("api_key", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        );
        Assert.All(
            (await Log.ListAsync(new AuditQuery { Limit = 500 }, Ct)).Records,
            r => Assert.DoesNotContain("a8k_", r.ToString(), StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_key_ends_at_its_time_also_while_it_is_remembered()
    {
        var accounts = CreateAccounts();
        var keys = CreateKeys(accounts);
        var ana = await AccountAsync(accounts, "ana", AccountRoles.Viewer);
        var made = (await keys.CreateAsync(ana.Id, Request() with { Lifetime = TimeSpan.FromMinutes(1) }, Admin, Ct))!;
        Time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMicroseconds(1));
        Assert.NotNull(await keys.VerifyAsync(made.Secret, Ct));
        Time.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Null(await keys.VerifyAsync(made.Secret, Ct));
    }

    [Fact]
    public async Task A_use_is_noted_at_most_once_a_minute()
    {
        var accounts = CreateAccounts();
        var keys = CreateKeys(accounts);
        var ana = await AccountAsync(accounts, "ana", AccountRoles.Viewer);
        var secret = (await keys.CreateAsync(ana.Id, Request(), Admin, Ct))!.Secret;
        Assert.Null(Assert.Single(await keys.ListAsync(ana.Id, Ct)).LastUsedAt);
        var first = Time.GetUtcNow();
        foreach (var (seconds, noted) in new[] { (0, 0), (1, 0), (58, 0), (1, 60), (30, 60), (30, 120) })
        {
            Time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.NotNull(await keys.VerifyAsync(secret, Ct));
            Assert.Equal(first.AddSeconds(noted), Assert.Single(await keys.ListAsync(ana.Id, Ct)).LastUsedAt);
        }
    }

    [Fact]
    public async Task What_is_no_key_of_ours_is_refused()
    {
        var accounts = CreateAccounts();
        var keys = CreateKeys(accounts);
        var ana = await AccountAsync(accounts, "ana", AccountRoles.Viewer);
        var secret = (await keys.CreateAsync(ana.Id, Request(), Admin, Ct))!.Secret;
        string[] bad =
        [
            "",
            "a8k_",
            secret[..^1],
            secret + "A",
            "a8p_" + secret[4..],
            "a8r_" + secret[4..],
            secret[..20] + (secret[20] == 'A' ? 'B' : 'A') + secret[21..],
            new string('x', 100_000),
            "\ud800",
        ];
        foreach (var text in bad)
        {
            Assert.Null(await keys.VerifyAsync(text, Ct));
        }

        Assert.NotNull(await keys.VerifyAsync(secret, Ct));
    }

    [Fact]
    public async Task Nobody_makes_a_key_that_may_more_than_he_may_and_nobody_makes_too_many()
    {
        var accounts = CreateAccounts();
        var keys = CreateKeys(accounts);
        var ana = await AccountAsync(accounts, "ana", AccountRoles.Viewer);
        Assert.Null(await keys.CreateAsync(ana.Id, Request(AccountRoles.Administrator), Admin, Ct));
        Assert.Null(await keys.CreateAsync(Guid.CreateVersion7(Time.GetUtcNow()), Request(), Admin, Ct));
        ApiKeyRequest[] bad =
        [
            Request() with
            {
                Name = "",
            },
            Request() with
            {
                Name = new string('x', 65),
            },
            Request() with
            {
                Name = "bell\u0007",
            },
            Request() with
            {
                Roles = [],
            },
            Request() with
            {
                Roles = ["root"],
            },
            Request() with
            {
                Scopes = [],
            },
            Request() with
            {
                Scopes = ["admin"],
            },
            Request() with
            {
                Lifetime = TimeSpan.Zero,
            },
            Request() with
            {
                Lifetime = TimeSpan.FromDays(3650),
            },
        ];
        foreach (var request in bad)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await keys.CreateAsync(ana.Id, request, Admin, Ct));
        }

        for (var i = 0; i < ApiKeys.MostPerAccount - 1; i++)
        {
            Assert.NotNull(await keys.CreateAsync(ana.Id, Request(), Admin, Ct));
        }

        var last = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => Task.Run(() => keys.CreateAsync(ana.Id, Request(), Admin, Ct).AsTask()))
        );
        Assert.Single(last, made => made is not null);
    }

    private static ApiKeyRequest Request(params string[] roles) =>
        new(ApiKeyKind.ApiKey, "nightly import", roles.Length == 0 ? [AccountRoles.Viewer] : roles, [ApiKeyScopes.Read], Lifetime: null);

    private static async Task<Account> AccountAsync(AccountService accounts, string name, params string[] roles) =>
        (await accounts.CreateAsync(name, roles, Admin, Ct)).Account;
}
