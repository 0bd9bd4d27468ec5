using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Security;

/// <summary>What refresh tokens promise on every engine: one use each, one successor, and an end to the family when a token turns up twice.</summary>
public abstract class RefreshTokenContract : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly AuditActor Admin = new("root", "req-9");

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    protected RefreshTokenOptions Options { get; } = new();

    protected abstract IAuditLog Log { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    protected abstract AccountService CreateAccounts();

    /// <summary>Refresh tokens over the same database, as another node has them.</summary>
    protected abstract IRefreshTokens CreateTokens();

    [Fact]
    public async Task A_token_is_good_for_one_use_and_answered_with_its_successor()
    {
        var tokens = CreateTokens();
        var ana = await ReadyAsync("ana");
        var first = await tokens.IssueAsync(ana, Ct);
        Assert.Matches("^a8r_[A-Za-z0-9_-]{70}$", first.Token);
        Assert.Equal(Time.GetUtcNow() + Options.IdleLifetime, first.ExpiresAt);

        var seen = new HashSet<string> { first.Token };
        var presented = first.Token;
        for (var i = 0; i < 20; i++)
        {
            Time.Advance(TimeSpan.FromMinutes(10));
            var rotated = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(presented, "req-1", Ct));
            Assert.Equal((ana.Id, ana.Epoch), (rotated.Account.Id, rotated.Account.Epoch));
            Assert.True(seen.Add(rotated.Token.Token));
            presented = rotated.Token.Token;
        }
    }

    [Fact]
    public async Task Within_the_grace_a_used_token_is_answered_with_the_same_successor()
    {
        var (here, there) = (CreateTokens(), CreateTokens());
        var first = await here.IssueAsync(await ReadyAsync("ana"), Ct);
        var rotated = Assert.IsType<RefreshResult.Rotated>(await here.RotateAsync(first.Token, null, Ct));

        foreach (var node in new[] { here, there })
        {
            var again = Assert.IsType<RefreshResult.SameSuccessor>(await node.RotateAsync(first.Token, null, Ct));
            Assert.Equal(rotated.Token, again.Token);
        }

        Time.Advance(Options.ReuseGrace - TimeSpan.FromMicroseconds(1));
        Assert.IsType<RefreshResult.SameSuccessor>(await there.RotateAsync(first.Token, null, Ct));
        Assert.IsType<RefreshResult.Rotated>(await there.RotateAsync(rotated.Token.Token, null, Ct));
    }

    [Fact]
    public async Task A_second_use_after_the_grace_ends_the_family_and_is_recorded()
    {
        var tokens = CreateTokens();
        var ana = await ReadyAsync("ana");
        var first = await tokens.IssueAsync(ana, Ct);
        var other = await tokens.IssueAsync(ana, Ct);
        var second = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(first.Token, null, Ct)).Token;
        Time.Advance(Options.ReuseGrace);

        var reuse = Assert.IsType<RefreshResult.ReuseDetected>(await tokens.RotateAsync(first.Token, "req-7", Ct));

        Assert.Equal(ana.Id, reuse.AccountId);
        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(second.Token, null, Ct));
        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(first.Token, null, Ct));
        // Another sign-in of the same account is another family.
        Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(other.Token, null, Ct));
        var entry = Assert.Single((await Log.ListAsync(new AuditQuery { Action = "session.refresh_reused" }, Ct)).Records);
        Assert.Equal((ana.Id.ToString(), "unknown", "req-7", true), (entry.ResourceId, entry.User, entry.RequestId, entry.IsAuthentic));
    }

    [Fact]
    public async Task An_ancestor_of_any_age_ends_the_family()
    {
        var tokens = CreateTokens();
        var first = await tokens.IssueAsync(await ReadyAsync("ana"), Ct);
        var last = first.Token;
        for (var i = 0; i < 5; i++)
        {
            Time.Advance(TimeSpan.FromHours(1));
            last = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(last, null, Ct)).Token.Token;
        }

        Time.Advance(TimeSpan.FromHours(1));
        Assert.IsType<RefreshResult.ReuseDetected>(await tokens.RotateAsync(first.Token, null, Ct));
        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(last, null, Ct));
    }

    [Fact]
    public async Task An_ancestor_that_comes_while_the_family_has_just_rotated_gets_nothing_and_ends_nothing()
    {
        var tokens = CreateTokens();
        var first = await tokens.IssueAsync(await ReadyAsync("ana"), Ct);
        var second = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(first.Token, null, Ct)).Token;
        var third = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(second.Token, null, Ct)).Token;

        Assert.IsType<RefreshResult.Unknown>(await tokens.RotateAsync(first.Token, null, Ct));
        Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(third.Token, null, Ct));
    }

    [Fact]
    public async Task Rotating_faster_than_the_grace_hides_no_second_use()
    {
        var tokens = CreateTokens();
        var stolen = await tokens.IssueAsync(await ReadyAsync("ana"), Ct);
        var thiefs = stolen;
        for (var i = 0; i < 3; i++)
        {
            Time.Advance(Options.ReuseGrace - TimeSpan.FromSeconds(1));
            thiefs = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(thiefs.Token, null, Ct)).Token;
        }

        Assert.IsType<RefreshResult.ReuseDetected>(await tokens.RotateAsync(stolen.Token, null, Ct));
        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(thiefs.Token, null, Ct));
    }

    [Fact]
    public async Task Of_a_hundred_uses_at_once_one_rotates_and_all_get_the_same_successor()
    {
        var nodes = new[] { CreateTokens(), CreateTokens() };
        var first = await nodes[0].IssueAsync(await ReadyAsync("ana"), Ct);

        var results = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(i => Task.Run(() => nodes[i % 2].RotateAsync(first.Token, null, Ct).AsTask()))
        );

        var rotated = Assert.Single(results.OfType<RefreshResult.Rotated>());
        var same = results.OfType<RefreshResult.SameSuccessor>().ToArray();
        Assert.Equal(99, same.Length);
        Assert.All(same, result => Assert.Equal(rotated.Token, result.Token));
        Assert.Empty((await Log.ListAsync(new AuditQuery { Action = "session.refresh_reused" }, Ct)).Records);
        Assert.IsType<RefreshResult.Rotated>(await nodes[1].RotateAsync(rotated.Token.Token, null, Ct));
    }

    [Fact]
    public async Task A_token_that_lies_unused_ends_and_so_does_a_family_however_often_it_is_used()
    {
        var tokens = CreateTokens();
        var ana = await ReadyAsync("ana");
        var idle = await tokens.IssueAsync(ana, Ct);
        var busy = await tokens.IssueAsync(ana, Ct);
        var ends = Time.GetUtcNow() + Options.Lifetime;

        for (var now = Time.GetUtcNow(); now + TimeSpan.FromDays(6) < ends; now = Time.GetUtcNow())
        {
            Time.Advance(TimeSpan.FromDays(6));
            busy = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(busy.Token, null, Ct)).Token;
        }

        Assert.IsType<RefreshResult.Expired>(await tokens.RotateAsync(idle.Token, null, Ct));
        Assert.Equal(ends, busy.ExpiresAt);
        Time.Advance(ends - Time.GetUtcNow() - TimeSpan.FromMicroseconds(1));
        var last = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(busy.Token, null, Ct)).Token;
        Time.Advance(TimeSpan.FromMicroseconds(1));
        Assert.IsType<RefreshResult.Expired>(await tokens.RotateAsync(last.Token, null, Ct));
    }

    [Fact]
    public async Task Exactly_at_its_end_an_unused_token_is_refused()
    {
        var tokens = CreateTokens();
        var ana = await ReadyAsync("ana");
        var (early, late) = (await tokens.IssueAsync(ana, Ct), await tokens.IssueAsync(ana, Ct));
        Time.Advance(Options.IdleLifetime - TimeSpan.FromMicroseconds(1));
        Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(early.Token, null, Ct));
        Time.Advance(TimeSpan.FromMicroseconds(1));
        Assert.IsType<RefreshResult.Expired>(await tokens.RotateAsync(late.Token, null, Ct));
    }

    [Fact]
    public async Task What_changes_the_epoch_of_the_account_ends_its_tokens()
    {
        var tokens = CreateTokens();
        var accounts = CreateAccounts();
        await ReadyAsync("root", AccountRoles.Administrator);
        var ana = await ReadyAsync("ana");
        Func<Task>[] changes =
        [
            async () => await accounts.ChangePasswordAsync("ana", Password, "another long password", Admin, Ct),
            async () => await accounts.SetRolesAsync(ana.Id, [AccountRoles.Editor], Admin, Ct),
            async () => await accounts.DisableAsync(ana.Id, Admin, Ct),
            async () => await accounts.EnableAsync(ana.Id, Admin, Ct),
            async () => await accounts.ResetPasswordAsync("ana", Admin, Ct),
            async () => await accounts.SignOutEverywhereAsync(ana.Id, Admin, Ct),
        ];
        foreach (var change in changes)
        {
            var now = (await accounts.GetAsync(ana.Id, Ct))!;
            var used = await tokens.IssueAsync(now, Ct);
            var current =
                now.State == AccountState.Active
                    ? Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(used.Token, null, Ct)).Token
                    : used;
            await change();
            Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(current.Token, null, Ct));
            // Not even the grace helps.
            Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(used.Token, null, Ct));
        }
    }

    [Fact]
    public async Task A_rotation_that_meets_a_change_of_password_never_outlives_it()
    {
        var accounts = CreateAccounts();
        var ana = await ReadyAsync("ana");
        for (var round = 0; round < 10; round++)
        {
            var tokens = CreateTokens();
            var issued = await tokens.IssueAsync((await accounts.GetAsync(ana.Id, Ct))!, Ct);
            var rotating = Task.Run(() => tokens.RotateAsync(issued.Token, null, Ct).AsTask());
            await accounts.SignOutEverywhereAsync(ana.Id, Admin, Ct);
            var result = await rotating;
            var epoch = await accounts.CurrentEpochAsync(ana.Id, Ct);
            if (result is RefreshResult.Rotated rotated)
            {
                Assert.NotEqual(epoch, rotated.Account.Epoch);
                Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(rotated.Token.Token, null, Ct));
            }
        }
    }

    [Fact]
    public async Task A_sign_out_ends_one_family_and_is_recorded_with_the_accounts_name()
    {
        var tokens = CreateTokens();
        var ana = await ReadyAsync("ana");
        var (here, there) = (await tokens.IssueAsync(ana, Ct), await tokens.IssueAsync(ana, Ct));

        Assert.True(await tokens.RevokeAsync(here.Token, "req-3", Ct));
        Assert.False(await tokens.RevokeAsync(here.Token, "req-3", Ct));
        Assert.False(await tokens.RevokeAsync("a8r_nonsense", "req-3", Ct));

        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(here.Token, null, Ct));
        Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(there.Token, null, Ct));
        var entry = Assert.Single((await Log.ListAsync(new AuditQuery { Action = "session.signed_out" }, Ct)).Records);
        Assert.Equal(("ana", ana.Id.ToString(), "req-3"), (entry.User, entry.ResourceId, entry.RequestId));
    }

    [Fact]
    public async Task Tokens_are_revoked_by_user_and_for_everyone()
    {
        var tokens = CreateTokens();
        var (ana, bo, cy) = (await ReadyAsync("ana"), await ReadyAsync("bo"), await ReadyAsync("cy"));
        var issued = new List<RefreshToken>();
        foreach (var account in new[] { ana, ana, bo, cy })
        {
            issued.Add(await tokens.IssueAsync(account, Ct));
        }

        Assert.Equal(2, await tokens.RevokeAccountAsync(ana.Id, Admin, Ct));
        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(issued[0].Token, null, Ct));
        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(issued[1].Token, null, Ct));
        Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(issued[2].Token, null, Ct));
        Assert.Equal(2, await tokens.RevokeAllAsync(Admin, Ct));
        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(issued[3].Token, null, Ct));
        Assert.Equal(
            [null, ana.Id.ToString()],
            (await Log.ListAsync(new AuditQuery { Action = "session.revoked" }, Ct)).Records.Select(r => r.ResourceId).Order()
        );
    }

    [Fact]
    public async Task What_is_no_token_of_ours_is_unknown()
    {
        var tokens = CreateTokens();
        var token = (await tokens.IssueAsync(await ReadyAsync("ana"), Ct)).Token;
        string[] bad =
        [
            "",
            "a8r_",
            token[..^1],
            token + "A",
            token[4..],
            "a8k_" + token[4..],
            token.ToUpperInvariant(),
            token[..10] + (token[10] == 'A' ? 'B' : 'A') + token[11..],
            token + "=",
            " " + token,
            new string('x', 100_000),
            "\ud800",
        ];
        foreach (var text in bad)
        {
            Assert.IsType<RefreshResult.Unknown>(await tokens.RotateAsync(text, null, Ct));
            Assert.False(await tokens.RevokeAsync(text, null, Ct));
        }

        Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(token, null, Ct));
    }

    [Fact]
    public async Task What_has_ended_is_removed_in_batches_and_nothing_else()
    {
        var tokens = CreateTokens();
        var ana = await ReadyAsync("ana");
        var old = new List<RefreshToken>();
        for (var i = 0; i < 5; i++)
        {
            old.Add(await tokens.IssueAsync(ana, Ct));
        }

        Time.Advance(Options.Lifetime - TimeSpan.FromHours(25));
        var revoked = await tokens.IssueAsync(ana, Ct);
        await tokens.RevokeAsync(revoked.Token, null, Ct);
        var live = await tokens.IssueAsync(ana, Ct);
        Assert.Equal(0, await tokens.RemoveEndedAsync(100, Ct));

        Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(1, await tokens.RemoveEndedAsync(100, Ct));
        Assert.IsType<RefreshResult.Unknown>(await tokens.RotateAsync(revoked.Token, null, Ct));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, await tokens.RemoveEndedAsync(3, Ct));
        Assert.Equal(2, await tokens.RemoveEndedAsync(3, Ct));
        Assert.Equal(0, await tokens.RemoveEndedAsync(3, Ct));
        Assert.IsType<RefreshResult.Unknown>(await tokens.RotateAsync(old[0].Token, null, Ct));
        Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(live.Token, null, Ct));
    }

    [Fact]
    public async Task The_audit_log_never_holds_a_token()
    {
        var tokens = CreateTokens();
        var first = (await tokens.IssueAsync(await ReadyAsync("ana"), Ct)).Token;
        var second = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(first, null, Ct)).Token;
        Time.Advance(Options.ReuseGrace);
        await tokens.RotateAsync(first, null, Ct);
        await tokens.RevokeAsync(second.Token, null, Ct);

        var records = (await Log.ListAsync(new AuditQuery { Limit = 500 }, Ct)).Records;
        Assert.All(records, r => Assert.DoesNotContain("a8r_", r.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain(second.Token, second.ToString(), StringComparison.Ordinal);
    }

    private async Task<Account> ReadyAsync(string name, string role = AccountRoles.Viewer)
    {
        var accounts = CreateAccounts();
        var created = await accounts.CreateAsync(name, [role], Admin, Ct);
        var changed = await accounts.ChangePasswordAsync(name, created.OneTimePassword, Password, new AuditActor(name), Ct);
        return Assert.IsType<PasswordChangeResult.Changed>(changed).Account;
    }
}
