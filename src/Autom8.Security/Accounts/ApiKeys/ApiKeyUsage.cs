using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>Says which keys the hashes of API keys need. A hash moves to the key in force when its API key is used; one that is never used keeps its own.</summary>
internal sealed class ApiKeyUsage(IApiKeyStore store) : IKeyUsage
{
    public async ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default) =>
        [
            .. (await store.CountKeysAsync(cancellationToken).ConfigureAwait(false)).Select(use => new KeyUse(
                KeyPurpose.AccountSecret,
                use.Key,
                "api_key",
                use.Rows
            )),
        ];
}
