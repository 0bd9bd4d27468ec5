using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Security;

/// <summary>What accounts promise on every engine, as a host sees them: through the service, over each store.</summary>
public abstract class AccountStoreContract : IAsyncLifetime
{
    private const string Chosen = "correct horse battery";
    private const string Other = "staple incorrect horse";

    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly AuditActor Admin = new("root", "req-9");

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    protected abstract IAuditLog Log { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>A service with a memory of its own over the same database, as another node has.</summary>
    protected abstract AccountService CreateService();

    [Fact]
    public async Task A_one_time_password_is_good_for_choosing_another_and_for_nothing_else()
    {
        var service = CreateService();
        var created = await service.CreateAsync("ana", [AccountRoles.Editor], Admin, Ct);
        Assert.True(created.Account.MustChangePassword);
        Assert.IsType<SignInResult.PasswordChangeRequired>(await service.SignInAsync("ana", created.OneTimePassword, Ct));

        var changed = await service.ChangePasswordAsync("ana", created.OneTimePassword, Chosen, new AuditActor("ana"), Ct);

        var account = Assert.IsType<PasswordChangeResult.Changed>(changed).Account;
        Assert.False(account.MustChangePassword);
        Assert.Null(account.PasswordExpiresAt);
        Assert.True(account.Epoch > created.Account.Epoch);
        Assert.Equal(
            (created.Account.Id, "ana", AccountRoles.Editor),
            await service.SignInAsync("ana", Chosen, Ct) is SignInResult.Success(var me)
                ? (me.Id, me.Name, Assert.Single(me.Roles))
                : default
        );
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", created.OneTimePassword, Ct));
    }

    [Fact]
    public async Task A_one_time_password_expires_after_a_day()
    {
        var service = CreateService();
        var created = await service.CreateAsync("ana", [AccountRoles.Viewer], Admin, Ct);

        Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMicroseconds(1));
        Assert.IsType<SignInResult.PasswordChangeRequired>(await service.SignInAsync("ana", created.OneTimePassword, Ct));

        Time.Advance(TimeSpan.FromMicroseconds(1));
        Assert.IsType<SignInResult.PasswordExpired>(await service.SignInAsync("ana", created.OneTimePassword, Ct));
        Assert.IsType<PasswordChangeResult.PasswordExpired>(
            await service.ChangePasswordAsync("ana", created.OneTimePassword, Chosen, Admin, Ct)
        );
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", Chosen, Ct));
    }

    [Fact]
    public async Task One_time_passwords_are_readable_and_never_alike()
    {
        var service = CreateService();
        var first = await service.CreateAsync("ana", [AccountRoles.Viewer], Admin, Ct);
        var second = await service.ResetPasswordAsync("ana", Admin, Ct);

        Assert.Matches("^([2-9a-hjkmnp-z]{4}-){6}[2-9a-hjkmnp-z]{4}$", first.OneTimePassword);
        Assert.NotEqual(first.OneTimePassword, second!.OneTimePassword);
        Assert.DoesNotContain(first.OneTimePassword, first.ToString(), StringComparison.Ordinal);
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", first.OneTimePassword, Ct));
    }

    [Fact]
    public async Task Unknown_wrong_and_disabled_are_refused_alike_and_what_was_typed_is_not_recorded()
    {
        var service = CreateService();
        var ana = await ReadyAsync(service, "ana", AccountRoles.Editor);
        var bo = await ReadyAsync(service, "bo", AccountRoles.Editor);
        await service.DisableAsync(bo.Id, Admin, Ct);

        var refusals = new[]
        {
            await service.SignInAsync("my secret passphrase", Chosen, "req-1", Ct),
            await service.SignInAsync("nobody", Chosen, "req-1", Ct),
            await service.SignInAsync("ana", "not the password", "req-1", Ct),
            await service.SignInAsync("ana", "\ud800", "req-1", Ct),
            await service.SignInAsync("ana", "", "req-1", Ct),
            await service.SignInAsync("bo", Chosen, "req-1", Ct),
        };
        Assert.All(refusals, refusal => Assert.Equal(refusals[0], Assert.IsType<SignInResult.Refused>(refusal)));

        var page = await Log.ListAsync(new AuditQuery { Action = "session.refused" }, Ct);
        Assert.Equal(6, page.Records.Count);
        Assert.All(page.Records, r => Assert.Equal(("unknown", "account", "req-1"), (r.User, r.ResourceType, r.RequestId)));
        Assert.Equal(2, page.Records.Count(r => r.ResourceId is null));
        Assert.Equal(3, page.Records.Count(r => r.ResourceId == ana.Id.ToString()));
        Assert.Contains(page.Records, r => r.ResourceId == bo.Id.ToString() && r.Details == """{"reason":"disabled"}""");
        Assert.All(page.Records, r => Assert.DoesNotContain("nobody", r.ToString(), StringComparison.Ordinal));
        Assert.All(page.Records, r => Assert.DoesNotContain("secret", r.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_is_found_in_any_case_and_normal_form_and_cannot_be_taken_twice()
    {
        var service = CreateService();
        await ReadyAsync(service, "Ångström.Σ", AccountRoles.Editor);

        var decomposed = "A\u030aNGSTRO\u0308M.\u03c2";
        var account = Assert.IsType<SignInResult.Success>(await service.SignInAsync(decomposed, Chosen, Ct)).Account;
        Assert.Equal("Ångström.Σ", account.Name);
        var taken = await Assert.ThrowsAsync<AccountConflictException>(async () =>
            await service.CreateAsync(decomposed, [AccountRoles.Viewer], Admin, Ct)
        );
        Assert.Equal(AccountConflict.NameTaken, taken.Conflict);
        Assert.Single((await Log.ListAsync(new AuditQuery { Action = "account.created" }, Ct)).Records);
    }

    [Fact]
    public async Task A_name_or_role_that_is_not_valid_is_refused()
    {
        var service = CreateService();
        foreach (var name in (string[])["", " ana", "a/b", "a\u200bb", "system", "Unknown", new string('a', 65), "\ud800", "a\u0000"])
        {
            Assert.False(AccountService.IsValidName(name));
            await Assert.ThrowsAsync<ArgumentException>(async () => await service.CreateAsync(name, [AccountRoles.Viewer], Admin, Ct));
        }

        await Assert.ThrowsAsync<ArgumentException>(async () => await service.CreateAsync("ana", [], Admin, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await service.CreateAsync("ana", ["root"], Admin, Ct));
        Assert.True(AccountService.IsValidName(new string('a', 64)));
        Assert.Empty((await service.ListAsync(null, 10, Ct)).Accounts);
    }

    [Fact]
    public async Task The_fifth_wrong_password_locks_the_account_for_longer_each_time_and_the_right_one_ends_it()
    {
        var service = CreateService();
        var ana = await ReadyAsync(service, "ana", AccountRoles.Editor);
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", "wrong", Ct));
        }

        foreach (var seconds in (int[])[30, 60, 120, 240, 480, 900, 900])
        {
            var locked = Assert.IsType<SignInResult.LockedOut>(await service.SignInAsync("ana", Chosen, Ct));
            Assert.Equal(TimeSpan.FromSeconds(seconds), locked.RetryAfter);
            Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMicroseconds(1));
            // Attempts while locked neither count nor prolong.
            Assert.IsType<SignInResult.LockedOut>(await service.SignInAsync("ana", "wrong", Ct));
            Time.Advance(TimeSpan.FromMicroseconds(1));
            Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", "wrong", Ct));
        }

        Time.Advance(TimeSpan.FromMinutes(15));
        var account = Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Chosen, Ct)).Account;
        Assert.Equal((0, null), (account.FailedAttempts, account.LockedUntil));
        Assert.Equal((ana.Epoch, ana.Version), (account.Epoch, account.Version));
        Assert.Equal(8, (await Log.ListAsync(new AuditQuery { Action = "account.locked" }, Ct)).Records.Count);
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", "wrong", Ct));
        Assert.Equal(1, (await service.GetAsync(ana.Id, Ct))!.FailedAttempts);
    }

    [Fact]
    public async Task Wrong_passwords_at_once_count_exactly()
    {
        var nodes = new[] { CreateService(), CreateService() };
        var ana = await ReadyAsync(nodes[0], "ana", AccountRoles.Editor);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => nodes[i % 2].SignInAsync("ana", "wrong", Ct).AsTask())));
        Assert.Equal(4, (await nodes[0].GetAsync(ana.Id, Ct))!.FailedAttempts);

        var results = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(i => Task.Run(() => nodes[i % 2].SignInAsync("ana", "wrong", Ct).AsTask()))
        );
        var account = (await nodes[0].GetAsync(ana.Id, Ct))!;
        Assert.Equal((5, Time.GetUtcNow().AddSeconds(30)), (account.FailedAttempts, account.LockedUntil));
        Assert.Equal(1, results.Count(r => r is SignInResult.Refused));
        Assert.Equal(11, results.Count(r => r is SignInResult.LockedOut));
    }

    [Fact]
    public async Task A_new_password_must_keep_the_rules()
    {
        var service = CreateService();
        var name = "someone@example.org";
        var ana = await ReadyAsync(service, name, AccountRoles.Editor);
        (string Password, PasswordRule Rule)[] bad =
        [
            ("", PasswordRule.TooShort),
            ("elevenbytes", PasswordRule.TooShort),
            (new string('é', 513), PasswordRule.TooLong),
            (new string('x', 1_000_000), PasswordRule.TooLong),
            ("with a \u0007 bell in it", PasswordRule.Malformed),
            ("half a surrogate \ud83d", PasswordRule.Malformed),
            ("Someone@Example.ORG", PasswordRule.SameAsName),
            (Chosen, PasswordRule.SameAsCurrent),
            (Chosen.Replace(' ', '\u00a0'), PasswordRule.SameAsCurrent),
        ];
        foreach (var (password, rule) in bad)
        {
            Assert.Equal(
                new PasswordChangeResult.Rejected(rule),
                await service.ChangePasswordAsync(name, Chosen, password, new AuditActor(name), Ct)
            );
        }

        Assert.Equal(ana, await service.GetAsync(ana.Id, Ct), AccountComparer);
        // Six accented letters are twelve bytes, however they are composed.
        Assert.IsType<PasswordChangeResult.Changed>(
            await service.ChangePasswordAsync(name, Chosen, "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", new AuditActor(name), Ct)
        );
        Assert.IsType<SignInResult.Success>(await service.SignInAsync(name, "éééééé", Ct));
    }

    [Fact]
    public async Task A_change_of_password_needs_the_current_one_and_shares_the_lock_out()
    {
        var service = CreateService();
        var ana = await ReadyAsync(service, "ana", AccountRoles.Editor);
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<PasswordChangeResult.Refused>(await service.ChangePasswordAsync("ana", "wrong", Other, Admin, Ct));
        }

        Assert.IsType<PasswordChangeResult.LockedOut>(await service.ChangePasswordAsync("ana", Chosen, Other, Admin, Ct));
        Assert.IsType<SignInResult.LockedOut>(await service.SignInAsync("ana", Chosen, Ct));
        Assert.IsType<PasswordChangeResult.Refused>(await service.ChangePasswordAsync("nobody", Chosen, Other, Admin, Ct));

        Time.Advance(TimeSpan.FromSeconds(30));
        var changed = Assert.IsType<PasswordChangeResult.Changed>(await service.ChangePasswordAsync("ana", Chosen, Other, Admin, Ct));
        Assert.Equal((0, null, ana.Epoch + 1), (changed.Account.FailedAttempts, changed.Account.LockedUntil, changed.Account.Epoch));
    }

    [Fact]
    public async Task A_reset_ends_the_lock_out_and_enables_the_account()
    {
        var service = CreateService();
        var ana = await ReadyAsync(service, "ana", AccountRoles.Editor);
        for (var i = 0; i < 5; i++)
        {
            await service.SignInAsync("ana", "wrong", Ct);
        }

        await service.DisableAsync(ana.Id, Admin, Ct);
        var reset = await service.ResetPasswordAsync("ANA", Admin, Ct);

        Assert.Equal(
            (AccountState.Active, 0, true),
            (reset!.Account.State, reset.Account.FailedAttempts, reset.Account.MustChangePassword)
        );
        Assert.Equal(ana.Epoch + 2, reset.Account.Epoch);
        Assert.IsType<SignInResult.PasswordChangeRequired>(await service.SignInAsync("ana", reset.OneTimePassword, Ct));
        Assert.Null(await service.ResetPasswordAsync("nobody", Admin, Ct));
    }

    [Fact]
    public async Task The_last_active_administrator_stays_one()
    {
        var service = CreateService();
        var ana = await ReadyAsync(service, "ana", AccountRoles.Administrator);
        var bo = await ReadyAsync(service, "bo", AccountRoles.Administrator);

        // Each of two takes the role from the other, on nodes of their own: one succeeds, every time.
        var (first, second) = (CreateService(), CreateService());
        for (var round = 0; round < 15; round++)
        {
            var outcomes = await Task.WhenAll(
                Task.Run(() => Conflict(() => first.SetRolesAsync(ana.Id, [AccountRoles.Viewer], Admin, Ct))),
                Task.Run(() => Conflict(() => second.DisableAsync(bo.Id, Admin, Ct)))
            );
            Assert.Equal([null, AccountConflict.LastAdministrator], outcomes.Order());
            await service.SetRolesAsync(ana.Id, [AccountRoles.Administrator], Admin, Ct);
            await service.EnableAsync(bo.Id, Admin, Ct);
        }

        Assert.Null(await service.DisableAsync(Guid.CreateVersion7(Time.GetUtcNow()), Admin, Ct));
    }

    [Fact]
    public async Task Roles_and_state_change_the_epoch_once_and_are_recorded()
    {
        var service = CreateService();
        await ReadyAsync(service, "root", AccountRoles.Administrator);
        var ana = await ReadyAsync(service, "ana", AccountRoles.Editor);
        Time.Advance(TimeSpan.FromSeconds(1));

        var promoted = await service.SetRolesAsync(ana.Id, [AccountRoles.Viewer, AccountRoles.Administrator], Admin, Ct);
        Assert.Equal([AccountRoles.Administrator, AccountRoles.Viewer], promoted!.Roles);
        Assert.Equal((ana.Epoch + 1, ana.Version + 1, Time.GetUtcNow()), (promoted.Epoch, promoted.Version, promoted.UpdatedAt));
        var again = await service.SetRolesAsync(ana.Id, [AccountRoles.Administrator, AccountRoles.Viewer], Admin, Ct);
        Assert.Equal(promoted.Epoch, again!.Epoch);

        await service.DisableAsync(ana.Id, Admin, Ct);
        await service.DisableAsync(ana.Id, Admin, Ct);
        var enabled = await service.EnableAsync(ana.Id, Admin, Ct);
        Assert.Equal(ana.Epoch + 3, enabled!.Epoch);
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Chosen, Ct));

        var recorded = await Log.ListAsync(new AuditQuery { User = "root", ResourceId = ana.Id.ToString() }, Ct);
        Assert.Equal(
            ["account.created", "account.disabled", "account.enabled", "account.roles_changed"],
            recorded.Records.Select(r => r.Action).Order(StringComparer.Ordinal)
        );
        Assert.Equal("""{"roles":["administrator","viewer"]}""", recorded.Records.Single(r => r.Action == "account.roles_changed").Details);
        Assert.All(recorded.Records, r => Assert.Equal(("req-9", true), (r.RequestId, r.IsAuthentic)));
    }

    [Fact]
    public async Task Of_eight_nodes_that_start_at_once_one_is_handed_the_administrators_password()
    {
        var credentials = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => CreateService().EnsureAdministratorAsync(Ct).AsTask()))
        );

        var credential = Assert.Single(credentials, c => c is not null)!;
        var account = Assert.Single((await CreateService().ListAsync(null, 10, Ct)).Accounts);
        Assert.Equal((credential.Account.Id, "admin"), (account.Id, account.Name));
        Assert.Equal([AccountRoles.Administrator], account.Roles);
        Assert.IsType<SignInResult.PasswordChangeRequired>(await CreateService().SignInAsync("admin", credential.OneTimePassword, Ct));
        Assert.Null(await CreateService().EnsureAdministratorAsync(Ct));
        Assert.Single((await Log.ListAsync(new AuditQuery { Action = "account.created", User = "system" }, Ct)).Records);
    }

    [Fact]
    public async Task With_any_account_there_no_administrator_is_made()
    {
        await CreateService().CreateAsync("ana", [AccountRoles.Viewer], Admin, Ct);
        Assert.Null(await CreateService().EnsureAdministratorAsync(Ct));
    }

    [Fact]
    public async Task An_epoch_is_at_most_a_second_old_and_never_older_than_this_process_own_changes()
    {
        var (here, there) = (CreateService(), CreateService());
        var ana = await ReadyAsync(here, "ana", AccountRoles.Editor);
        Assert.Equal(ana.Epoch, await here.CurrentEpochAsync(ana.Id, Ct));
        Assert.Equal(ana.Epoch, await there.CurrentEpochAsync(ana.Id, Ct));

        await here.SetRolesAsync(ana.Id, [AccountRoles.Viewer], Admin, Ct);
        Assert.Equal(ana.Epoch + 1, await here.CurrentEpochAsync(ana.Id, Ct));
        Assert.Equal(ana.Epoch, await there.CurrentEpochAsync(ana.Id, Ct));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ana.Epoch + 1, await there.CurrentEpochAsync(ana.Id, Ct));

        await here.DisableAsync(ana.Id, Admin, Ct);
        Assert.Null(await here.CurrentEpochAsync(ana.Id, Ct));
        await here.EnableAsync(ana.Id, Admin, Ct);
        Assert.Equal(ana.Epoch + 3, await here.CurrentEpochAsync(ana.Id, Ct));
        Assert.Null(await here.CurrentEpochAsync(Guid.CreateVersion7(Time.GetUtcNow()), Ct));
    }

    [Fact]
    public async Task Accounts_are_listed_by_name_in_pages()
    {
        var service = CreateService();
        foreach (var name in (string[])["delta", "Bravo", "alpha", "echo", "Charlie"])
        {
            await service.CreateAsync(name, [AccountRoles.Viewer], Admin, Ct);
        }

        var names = new List<string>();
        string? cursor = null;
        for (var i = 0; i < 3; i++)
        {
            var page = await service.ListAsync(cursor, 2, Ct);
            names.AddRange(page.Accounts.Select(a => a.Name));
            cursor = page.NextCursor;
        }

        Assert.Equal(["alpha", "Bravo", "Charlie", "delta", "echo"], names);
        Assert.Null(cursor);
        await Assert.ThrowsAsync<ArgumentException>(async () => await service.ListAsync("no cursor", 2, Ct));
    }

    [Fact]
    public async Task What_was_created_is_read_back_whole()
    {
        var service = CreateService();
        Time.Advance(TimeSpan.FromTicks(1_234_567));
        var created = await service.CreateAsync("Ana", [AccountRoles.Viewer, AccountRoles.Editor, AccountRoles.Viewer], Admin, Ct);

        var read = await service.GetAsync(created.Account.Id, Ct);
        Assert.Equal(created.Account, read, AccountComparer);
        Assert.Equal([AccountRoles.Editor, AccountRoles.Viewer], read!.Roles);
        Assert.Null(await service.GetAsync(Guid.CreateVersion7(Time.GetUtcNow()), Ct));
    }

    [Fact]
    public async Task The_audit_log_never_holds_a_password()
    {
        var service = CreateService();
        var created = await service.CreateAsync("ana", [AccountRoles.Editor], Admin, Ct);
        await service.SignInAsync("ana", created.OneTimePassword, Ct);
        await service.SignInAsync(created.OneTimePassword, "ana", Ct);
        await service.ChangePasswordAsync("ana", created.OneTimePassword, Chosen, new AuditActor("ana"), Ct);
        await service.ChangePasswordAsync("ana", Chosen, Other, new AuditActor("ana"), Ct);
        await service.SignInAsync("ana", Other, Ct);
        await service.SignInAsync("ana", Chosen, Ct);

        var records = (await Log.ListAsync(new AuditQuery { Limit = 500 }, Ct)).Records;
        Assert.Equal(7, records.Count);
        foreach (var secret in (string[])[created.OneTimePassword, Chosen, Other, "argon2"])
        {
            Assert.All(records, r => Assert.DoesNotContain(secret, r.ToString(), StringComparison.OrdinalIgnoreCase));
        }
    }

    // Records compare lists by reference.
    private static bool AccountComparer(Account? left, Account? right) =>
        left is not null && right is not null && left.Roles.SequenceEqual(right.Roles) && left with { Roles = right.Roles } == right;

    private static async Task<AccountConflict?> Conflict(Func<ValueTask<Account?>> change)
    {
        try
        {
            await change();
            return null;
        }
        catch (AccountConflictException refused)
        {
            return refused.Conflict;
        }
    }

    private static async Task<Account> ReadyAsync(AccountService service, string name, string role)
    {
        var created = await service.CreateAsync(name, [role], Admin, Ct);
        var changed = await service.ChangePasswordAsync(name, created.OneTimePassword, Chosen, new AuditActor(name), Ct);
        return Assert.IsType<PasswordChangeResult.Changed>(changed).Account;
    }
}
