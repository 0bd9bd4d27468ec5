using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>Says which keys the families of refresh tokens need.</summary>
internal sealed class RefreshTokenUsage(IRefreshTokenStore store) : IKeyUsage
{
    public async ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default) =>
        [
            .. (await store.CountKeysAsync(cancellationToken).ConfigureAwait(false)).Select(use => new KeyUse(
                KeyPurpose.Refresh,
                use.Key,
                "refresh_family",
                use.Rows
            )),
        ];
}
