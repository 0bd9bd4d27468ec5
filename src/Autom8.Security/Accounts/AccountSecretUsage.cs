using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>Says which keys the password hashes and second factors need.</summary>
internal sealed class AccountSecretUsage(IAccountStore store) : IKeyUsage
{
    public async ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default)
    {
        // A row of a second factor has two secrets, and needs the keys of both.
        var uses = new Dictionary<(string Table, KeyId Key), long>();
        foreach (var column in AccountSecretColumn.All)
        {
            foreach (var (prefix, rows) in await store.CountSecretsAsync(column, cancellationToken).ConfigureAwait(false))
            {
                if (AccountSecrets.TryReadKey(prefix, out var key))
                {
                    var use = (column.Table, key.Value);
                    uses[use] = Math.Max(uses.GetValueOrDefault(use), rows);
                }
            }
        }

        return [.. uses.Select(use => new KeyUse(KeyPurpose.AccountSecret, use.Key.Key, use.Key.Table, use.Value))];
    }
}
