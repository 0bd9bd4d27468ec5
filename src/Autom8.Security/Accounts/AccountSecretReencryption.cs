using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Reencryption;

namespace Autom8.Security.Accounts;

/// <summary>
/// Encrypts a column of what belongs to accounts (password hashes, secrets and recovery codes of second factors) under the key in force, once another has been rotated in.
/// </summary>
/// <remarks>Safe beside everything else: a row is replaced only if it is still as it was read. It changes nothing that anyone sees.</remarks>
internal sealed class AccountSecretReencryption(AccountSecretColumn column, IAccountStore store, IKeyringProvider keyrings) : IReencryption
{
    private readonly AccountSecrets secrets = new(keyrings);

    public string Name => $"{column.Table}.{column.Column}";

    public string Target => keyrings.Current.Active(KeyPurpose.AccountSecret).Id.ToString();

    public async ValueTask<ReencryptionBatch> RunBatchAsync(Guid? after, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var rows = await store
            .ListSecretsAsync(column, secrets.CurrentPrefix, after ?? Guid.Empty, limit, cancellationToken)
            .ConfigureAwait(false);
        var (changed, failed) = (0, 0);
        foreach (var (id, secret) in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var renewed = secrets.Protect(secrets.Unprotect(secret, column.Of(id)), column.Of(id));
                // Changed meanwhile, it has been written under the key in force by whoever changed it.
                changed += await store.ReplaceSecretAsync(column, id, secret, renewed, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
            catch (FieldProtectionException)
            {
                // Counted by the meter, and left as it is: its key may come back with a backup.
                failed++;
            }
        }

        return new ReencryptionBatch(rows.Count < limit ? null : rows[^1].AccountId, changed, failed);
    }
}
