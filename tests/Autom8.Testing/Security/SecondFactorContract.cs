using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Security;

/// <summary>What a second factor promises on every engine, as a host sees it.</summary>
public abstract class SecondFactorContract : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly AuditActor Ana = new("ana", "req-2");

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    protected abstract IAuditLog Log { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    protected abstract AccountService CreateService();

    /// <summary>What the user's app shows now.</summary>
    protected abstract string Code(string base32, TotpAlgorithm algorithm, DateTimeOffset at);

    [Theory]
    [InlineData(TotpAlgorithm.Sha1, 32, "SHA1")]
    [InlineData(TotpAlgorithm.Sha256, 52, "SHA256")]
    public async Task Once_confirmed_a_sign_in_takes_a_code_after_the_right_password_only(TotpAlgorithm algorithm, int length, string name)
    {
        var service = CreateService();
        var ana = await ReadyAsync(service);
        var enrolled = Assert.IsType<SecondFactorResult.Enrolled>(
            await service.EnrolSecondFactorAsync(ana.Id, Password, algorithm, Ana, Ct)
        );
        Assert.Equal(length, enrolled.Secret.Length);
        Assert.Equal($"otpauth://totp/autom8:ana?secret={enrolled.Secret}&issuer=autom8&algorithm={name}&digits=6&period=30", enrolled.Uri);
        // Not in force before a code has proved that the app has it.
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Password, Ct));
        Assert.False((await service.GetSecondFactorAsync(ana.Id, Ct)).IsActive);

        var activated = Assert.IsType<SecondFactorResult.Activated>(
            await service.ConfirmSecondFactorAsync(ana.Id, Code(enrolled.Secret, algorithm, Time.GetUtcNow()), Ana, Ct)
        );
        Assert.Equal(10, activated.RecoveryCodes.Distinct().Count());
        Assert.Equal(new SecondFactorStatus(true, 10), await service.GetSecondFactorAsync(ana.Id, Ct));
        Assert.Equal(ana.Epoch + 1, await service.CurrentEpochAsync(ana.Id, Ct));

        Time.Advance(TimeSpan.FromSeconds(30));
        var code = Code(enrolled.Secret, algorithm, Time.GetUtcNow());
        Assert.IsType<SignInResult.SecondFactorRequired>(await service.SignInAsync("ana", Password, Ct));
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", "not the password", Ct));
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", "not the password", code, null, Ct));
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Password, " " + code + " ", null, Ct));
    }

    [Fact]
    public async Task A_code_is_good_once_and_none_from_before_it_is_good_after_it()
    {
        var service = CreateService();
        var (_, secret, _) = await WithFactorAsync(service);
        Time.Advance(TimeSpan.FromMinutes(5));
        var now = Time.GetUtcNow();
        var (before, at, after) = (CodeAt(secret, now.AddSeconds(-30)), CodeAt(secret, now), CodeAt(secret, now.AddSeconds(30)));
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", Password, CodeAt(secret, now.AddSeconds(-60)), null, Ct));
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", Password, CodeAt(secret, now.AddSeconds(60)), null, Ct));

        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Password, before, null, Ct));
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Password, after, null, Ct));
        foreach (var used in new[] { before, at, after })
        {
            Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", Password, used, null, Ct));
        }
    }

    [Fact]
    public async Task Of_sign_ins_at_once_with_one_code_one_succeeds()
    {
        var nodes = new[] { CreateService(), CreateService() };
        var (_, secret, _) = await WithFactorAsync(nodes[0]);
        Time.Advance(TimeSpan.FromMinutes(1));
        var code = CodeAt(secret, Time.GetUtcNow());

        var results = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => Task.Run(() => nodes[i % 2].SignInAsync("ana", Password, code, null, Ct).AsTask()))
        );

        Assert.Single(results, r => r is SignInResult.Success);
        Assert.Equal(3, results.Count(r => r is SignInResult.Refused));
    }

    [Fact]
    public async Task Wrong_codes_lock_the_account_and_the_right_password_alone_forgives_none()
    {
        var service = CreateService();
        var (ana, secret, _) = await WithFactorAsync(service);
        Time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<SignInResult.SecondFactorRequired>(await service.SignInAsync("ana", Password, Ct));
            Assert.Equal(i, (await service.GetAsync(ana.Id, Ct))!.FailedAttempts);
            Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", Password, "no code", null, Ct));
        }

        var code = CodeAt(secret, Time.GetUtcNow());
        Assert.IsType<SignInResult.LockedOut>(await service.SignInAsync("ana", Password, code, null, Ct));
        Time.Advance(TimeSpan.FromSeconds(30));
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Password, CodeAt(secret, Time.GetUtcNow()), null, Ct));
        Assert.Equal(0, (await service.GetAsync(ana.Id, Ct))!.FailedAttempts);
        var reasons = (await Log.ListAsync(new AuditQuery { Action = "session.refused" }, Ct)).Records.Select(r => r.Details).ToArray();
        Assert.Equal(5, reasons.Count(r => r == """{"reason":"wrong_code"}"""));
        Assert.Equal(5, reasons.Count(r => r == """{"reason":"code_required"}"""));
    }

    [Fact]
    public async Task Each_recovery_code_is_good_once_however_it_is_copied()
    {
        var service = CreateService();
        var (ana, _, codes) = await WithFactorAsync(service);
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Password, codes[0], null, Ct));
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", Password, codes[0], null, Ct));
        var copied = codes[1].Replace("-", " ", StringComparison.Ordinal).ToUpperInvariant();
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Password, copied, null, Ct));
        Assert.Equal(new SecondFactorStatus(true, 8), await service.GetSecondFactorAsync(ana.Id, Ct));
        Assert.Equal(2, (await Log.ListAsync(new AuditQuery { Action = "account.recovery_code_used" }, Ct)).Records.Count);
    }

    [Fact]
    public async Task It_is_taken_away_with_password_and_code_and_can_be_set_up_anew()
    {
        var service = CreateService();
        var (ana, secret, codes) = await WithFactorAsync(service);
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<SecondFactorResult.AlreadyActive>(
            await service.EnrolSecondFactorAsync(ana.Id, Password, TotpAlgorithm.Sha1, Ana, Ct)
        );
        Assert.IsType<SecondFactorResult.AlreadyActive>(await service.ConfirmSecondFactorAsync(ana.Id, "000000", Ana, Ct));
        Assert.IsType<SecondFactorResult.Refused>(
            await service.DisableSecondFactorAsync(ana.Id, "wrong", CodeAt(secret, Time.GetUtcNow()), Ana, Ct)
        );
        Assert.IsType<SecondFactorResult.Refused>(await service.DisableSecondFactorAsync(ana.Id, Password, "nothing", Ana, Ct));
        Assert.IsType<SecondFactorResult.Refused>(await service.DisableSecondFactorAsync(ana.Id, Password, "", Ana, Ct));

        var before = (await service.GetAsync(ana.Id, Ct))!.Epoch;
        Assert.IsType<SecondFactorResult.Disabled>(
            await service.DisableSecondFactorAsync(ana.Id, Password, CodeAt(secret, Time.GetUtcNow()), Ana, Ct)
        );

        Assert.Equal(before + 1, await service.CurrentEpochAsync(ana.Id, Ct));
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("ana", Password, Ct));
        Assert.IsType<SecondFactorResult.NotEnrolled>(await service.DisableSecondFactorAsync(ana.Id, Password, codes[0], Ana, Ct));
        Assert.IsType<SecondFactorResult.NotEnrolled>(await service.ConfirmSecondFactorAsync(ana.Id, "000000", Ana, Ct));
        var (_, again, _) = await EnrolAsync(service, ana);
        Assert.NotEqual(secret, again);
        Assert.Equal(
            ["account.second_factor_disabled", "account.second_factor_enabled", "account.second_factor_enrolled"],
            (await Log.ListAsync(new AuditQuery { User = "ana", Limit = 100 }, Ct))
                .Records.Select(r => r.Action)
                .Where(a => a.StartsWith("account.second", StringComparison.Ordinal))
                .Distinct()
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task To_set_one_up_takes_the_password_and_a_right_code_and_wrong_ones_count()
    {
        var service = CreateService();
        var ana = await ReadyAsync(service);
        Assert.IsType<SecondFactorResult.Refused>(await service.EnrolSecondFactorAsync(ana.Id, "wrong", TotpAlgorithm.Sha1, Ana, Ct));
        Assert.Equal(1, (await service.GetAsync(ana.Id, Ct))!.FailedAttempts);
        await service.EnrolSecondFactorAsync(ana.Id, Password, TotpAlgorithm.Sha1, Ana, Ct);
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<SecondFactorResult.Refused>(await service.ConfirmSecondFactorAsync(ana.Id, "12345", Ana, Ct));
        }

        Assert.IsType<SecondFactorResult.LockedOut>(await service.ConfirmSecondFactorAsync(ana.Id, "12345", Ana, Ct));
        Assert.IsType<SignInResult.LockedOut>(await service.SignInAsync("ana", Password, Ct));
    }

    [Fact]
    public async Task A_change_of_password_takes_a_code_too_and_a_reset_on_the_machine_takes_the_factor_away()
    {
        var service = CreateService();
        var (ana, secret, _) = await WithFactorAsync(service);
        Time.Advance(TimeSpan.FromMinutes(1));
        const string other = "another long password";
        Assert.IsType<PasswordChangeResult.SecondFactorRequired>(await service.ChangePasswordAsync("ana", Password, other, Ana, Ct));
        Assert.IsType<PasswordChangeResult.Refused>(await service.ChangePasswordAsync("ana", Password, other, "nothing", Ana, Ct));
        var code = CodeAt(secret, Time.GetUtcNow());
        Assert.IsType<PasswordChangeResult.Changed>(await service.ChangePasswordAsync("ana", Password, other, code, Ana, Ct));
        Assert.IsType<SignInResult.Refused>(await service.SignInAsync("ana", other, code, null, Ct));

        var reset = (await service.ResetPasswordAsync("ana", AuditActor.System, Ct))!;
        Assert.IsType<SignInResult.PasswordChangeRequired>(await service.SignInAsync("ana", reset.OneTimePassword, Ct));
        Assert.Equal(new SecondFactorStatus(false, 0), await service.GetSecondFactorAsync(ana.Id, Ct));
    }

    [Fact]
    public async Task Neither_the_audit_log_nor_any_text_form_holds_a_secret_or_a_code()
    {
        var service = CreateService();
        var (_, secret, codes) = await WithFactorAsync(service);
        await service.SignInAsync("ana", Password, codes[0], null, Ct);
        var records = (await Log.ListAsync(new AuditQuery { Limit = 500 }, Ct)).Records;
        foreach (var hidden in (string[])[secret, codes[0], codes[1]])
        {
            Assert.All(records, r => Assert.DoesNotContain(hidden, r.ToString(), StringComparison.OrdinalIgnoreCase));
        }

        Assert.DoesNotContain(secret, new SecondFactorResult.Enrolled(secret, "uri").ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(codes[0], new SecondFactorResult.Activated(codes).ToString(), StringComparison.Ordinal);
    }

    private string CodeAt(string secret, DateTimeOffset at) => Code(secret, TotpAlgorithm.Sha1, at);

    private async Task<(Account Account, string Secret, IReadOnlyList<string> Codes)> WithFactorAsync(AccountService service) =>
        await EnrolAsync(service, await ReadyAsync(service));

    private async Task<(Account Account, string Secret, IReadOnlyList<string> Codes)> EnrolAsync(AccountService service, Account ana)
    {
        var enrolled = Assert.IsType<SecondFactorResult.Enrolled>(
            await service.EnrolSecondFactorAsync(ana.Id, Password, TotpAlgorithm.Sha1, Ana, Ct)
        );
        var code = CodeAt(enrolled.Secret, Time.GetUtcNow());
        var activated = Assert.IsType<SecondFactorResult.Activated>(await service.ConfirmSecondFactorAsync(ana.Id, code, Ana, Ct));
        return (ana, enrolled.Secret, activated.RecoveryCodes);
    }

    private static async Task<Account> ReadyAsync(AccountService service)
    {
        var created = await service.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, Ct);
        var changed = await service.ChangePasswordAsync("ana", created.OneTimePassword, Password, Ana, Ct);
        return Assert.IsType<PasswordChangeResult.Changed>(changed).Account;
    }
}
