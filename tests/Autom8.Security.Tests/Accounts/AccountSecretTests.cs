using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Security.Reencryption;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Accounts;

/// <summary>What belongs to accounts, counted by key and encrypted anew.</summary>
public sealed class AccountSecretTests
{
    private const string Password = "correct horse battery";

    private readonly FakeTimeProvider time = new(Keyrings.Start);

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task After_a_rotation_everything_moves_to_the_new_key_in_batches_and_still_works(string engine)
    {
        await using var database = await AccountDatabase.CreateAsync(engine, time);
        var service = database.Service();
        string code = "";
        for (var i = 0; i < 5; i++)
        {
            var created = await service.CreateAsync("user" + i, [AccountRoles.Viewer], AuditActor.System, default);
            await service.ChangePasswordAsync("user" + i, created.OneTimePassword, Password, AuditActor.System, default);
            if (i == 4)
            {
                code = await EnrolAsync(service, created.Account.Id);
            }
        }

        var before = database.Keyrings.Current.Active(KeyPurpose.AccountSecret).Id;
        var usage = new AccountSecretUsage(database.Accounts);
        Assert.Equal(
            [new KeyUse(KeyPurpose.AccountSecret, before, "account", 5), new KeyUse(KeyPurpose.AccountSecret, before, "second_factor", 1)],
            (await usage.CountAsync()).OrderBy(use => use.Table)
        );
        database.Keyrings.Rotate(KeyPurpose.AccountSecret);
        var after = database.Keyrings.Current.Active(KeyPurpose.AccountSecret).Id;

        foreach (var column in AccountSecretColumn.All)
        {
            var worker = new AccountSecretReencryption(column, database.Accounts, database.Keyrings);
            Assert.Equal(after.ToString(), worker.Target);
            var (last, rows) = ((Guid?)null, 0);
            do
            {
                var batch = await worker.RunBatchAsync(last, 2);
                Assert.Equal(0, batch.Failed);
                (last, rows) = (batch.Last, rows + batch.Changed);
            } while (last is not null);

            Assert.Equal(column == AccountSecretColumn.PasswordHash ? 5 : 1, rows);
            // Nothing is left to do.
            Assert.Equal(default, await worker.RunBatchAsync(null, 100));
        }

        Assert.Equal(
            [new KeyUse(KeyPurpose.AccountSecret, after, "account", 5), new KeyUse(KeyPurpose.AccountSecret, after, "second_factor", 1)],
            (await usage.CountAsync()).OrderBy(use => use.Table)
        );
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("user0", Password, default));
        Assert.IsType<SignInResult.Success>(await service.SignInAsync("user4", Password, code, null, default));
    }

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task A_secret_that_changed_meanwhile_or_cannot_be_read_is_left_as_it_is(string engine)
    {
        await using var database = await AccountDatabase.CreateAsync(engine, time);
        var service = database.Service();
        var id = (await service.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, default)).Account.Id;
        var store = database.Accounts;
        var stored = (await store.GetAsync(id, default))!.PasswordHash;

        Assert.False(await store.ReplaceSecretAsync(AccountSecretColumn.PasswordHash, id, "other", "new", default));
        Assert.Equal(stored, (await store.GetAsync(id, default))!.PasswordHash);

        database.Keyrings.Rotate(KeyPurpose.AccountSecret, KeyState.Retired);
        var worker = new AccountSecretReencryption(AccountSecretColumn.PasswordHash, store, database.Keyrings);
        Assert.Equal(new ReencryptionBatch(null, 0, 1), await worker.RunBatchAsync(null, 10));
        Assert.Equal(stored, (await store.GetAsync(id, default))!.PasswordHash);
    }

    private async Task<string> EnrolAsync(AccountService service, Guid id)
    {
        Assert.IsType<SecondFactorResult.Enrolled>(
            await service.EnrolSecondFactorAsync(id, Password, TotpAlgorithm.Sha1, AuditActor.System, default)
        );
        // The secret is not needed: a recovery code will do, once the factor is active.
        var factor = await service.ConfirmSecondFactorAsync(id, await CurrentCodeAsync(id), AuditActor.System, default);
        return Assert.IsType<SecondFactorResult.Activated>(factor).RecoveryCodes[0];

        async Task<string> CurrentCodeAsync(Guid account)
        {
            var enrolled = (SecondFactorResult.Enrolled)
                await service.EnrolSecondFactorAsync(account, Password, TotpAlgorithm.Sha1, AuditActor.System, default);
            var bits = string.Concat(
                enrolled.Secret.Select(c =>
                    Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')
                )
            );
            byte[] secret = [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
            return Totp.Compute(secret, Totp.StepAt(time.GetUtcNow()), TotpAlgorithm.Sha1);
        }
    }
}
