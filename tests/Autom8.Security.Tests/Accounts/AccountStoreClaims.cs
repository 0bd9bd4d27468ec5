using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Accounts;

/// <summary>Claims about both stores that need to see inside.</summary>
internal static class AccountStoreClaims
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    public static async Task AuditFailureUndoesTheChange(Func<IAuditLog, IAccountStore> create, IAuditLog log)
    {
        var entry = new AuditEntry("account.created", AuditActor.System, "account", null);
        var sound = create(log);
        var broken = create(new BrokenAuditLog());
        var first = New("ana");
        await Assert.ThrowsAsync<TimeoutException>(async () => await broken.AddAsync(first, "ana", entry, onlyIfNone: false, Ct));
        Assert.Null(await sound.FindAsync("ana", Ct));

        Assert.True(await sound.AddAsync(first, "ana", entry, onlyIfNone: true, Ct));
        Assert.False(await sound.AddAsync(New("ana"), "ana", entry, onlyIfNone: false, Ct));
        Assert.False(await sound.AddAsync(New("bo"), "bo", entry, onlyIfNone: true, Ct));
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await broken.UpdateAsync(
                first.Account.Id,
                false,
                entry,
                static (found, entry) =>
                    new AccountChange<bool>(true, found.Stored! with { Account = found.Stored.Account with { Epoch = 7 } }, entry),
                Ct
            )
        );
        Assert.Equal(1, await sound.EpochAsync(first.Account.Id, Ct));
        Assert.Single((await log.ListAsync(new AuditQuery(), Ct)).Records);
    }

    public static async Task SeesWhatIsDoneByHand(TestDatabase database, AccountService service, FakeTimeProvider time)
    {
        var ana = (await service.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, Ct)).Account;
        Assert.Equal(ana.Epoch, await service.CurrentEpochAsync(ana.Id, Ct));
        await DoAsync("update {prefix}account set failed_attempts = 1");
        Assert.Equal(ana.Epoch, await service.CurrentEpochAsync(ana.Id, Ct));
        await DoAsync("update {prefix}account set epoch = epoch + 5");
        Assert.Equal(ana.Epoch + 5, await service.CurrentEpochAsync(ana.Id, Ct));
        await DoAsync("update {prefix}account set state = 'disabled'");
        Assert.Null(await service.CurrentEpochAsync(ana.Id, Ct));
        await DoAsync("update {prefix}account set state = 'active'");
        Assert.Equal(ana.Epoch + 5, await service.CurrentEpochAsync(ana.Id, Ct));
        await DoAsync("delete from {prefix}account");
        Assert.Null(await service.CurrentEpochAsync(ana.Id, Ct));

        async Task DoAsync(string sql)
        {
            await database.ExecuteAsync(sql);
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public static async Task SignInRehashes(IAccountStore store, IAuditLog log, Keyring keyring, TimeProvider time)
    {
        const string password = "correct horse battery";
        using var old = new PasswordHasher(keyring, new PasswordOptions { MemoryKiB = 7_168, Passes = 5 });
        using var now = new PasswordHasher(keyring, new PasswordOptions());
        var service = new AccountService(store, log, old, new SecondFactors(keyring, "autom8"), time);
        var created = await service.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, Ct);
        await service.ChangePasswordAsync("ana", created.OneTimePassword, password, AuditActor.System, Ct);
        var before = (await store.FindAsync("ana", Ct))!;
        Assert.Equal(PasswordVerdict.RightButRehash, await now.VerifyAsync(before.Account.Id, before.PasswordHash, password));

        var result = await new AccountService(store, log, now, new SecondFactors(keyring, "autom8"), time).SignInAsync("ana", password, Ct);

        var after = (await store.FindAsync("ana", Ct))!;
        Assert.IsType<SignInResult.Success>(result);
        Assert.Equal(PasswordVerdict.Right, await now.VerifyAsync(after.Account.Id, after.PasswordHash, password));
        Assert.Equal(before.Account.Epoch, after.Account.Epoch);
    }

    private static StoredAccount New(string name) =>
        new(
            new Account(
                Guid.CreateVersion7(Keyrings.Start),
                name,
                [AccountRoles.Viewer],
                AccountState.Active,
                true,
                null,
                1,
                0,
                null,
                1,
                Keyrings.Start,
                Keyrings.Start
            ),
            "hash"
        );
}
