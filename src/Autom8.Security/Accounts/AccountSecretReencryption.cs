using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>
/// Encrypts what belongs to accounts (password hashes, secrets and recovery codes of second factors) under the key in force, once another has been rotated in.
/// </summary>
/// <remarks>Resumable and safe beside everything else: a row is replaced only if it is still as it was read. It changes nothing that anyone sees.</remarks>
internal sealed class AccountSecretReencryption(IAccountStore store, IKeyringProvider keyrings)
{
    private readonly AccountSecrets secrets = new(keyrings);

    /// <summary>Encrypts the next rows anew, at most <paramref name="limit"/>.</summary>
    /// <param name="column">The column.</param>
    /// <param name="after">The account that the batch before ended with, or <see cref="Guid.Empty"/>.</param>
    /// <param name="limit">How many rows, at least 1.</param>
    /// <param name="ct">Cancels between rows.</param>
    /// <returns>What came of it; <see cref="ReencryptedBatch.Last"/> is null when no row is left.</returns>
    public async ValueTask<ReencryptedBatch> RunBatchAsync(AccountSecretColumn column, Guid after, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var rows = await store.ListSecretsAsync(column, secrets.CurrentPrefix, after, limit, ct).ConfigureAwait(false);
        var (done, unreadable) = (0, 0);
        foreach (var (id, secret) in rows)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                var renewed = secrets.Protect(secrets.Unprotect(secret, column.Of(id)), column.Of(id));
                // Changed meanwhile, it has been written under the key in force by whoever changed it.
                done += await store.ReplaceSecretAsync(column, id, secret, renewed, ct).ConfigureAwait(false) ? 1 : 0;
            }
            catch (FieldProtectionException)
            {
                // Counted by the meter, and left as it is: its key may come back with a backup.
                unreadable++;
            }
        }

        return new ReencryptedBatch(rows.Count == 0 ? null : rows[^1].AccountId, done, unreadable);
    }
}
