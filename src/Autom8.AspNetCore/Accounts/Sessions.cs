using System.Globalization;
using Autom8.Security.Accounts;
using Autom8.Security.Tokens;

namespace Autom8.AspNetCore;

/// <summary>What whoever has signed in or refreshed is handed: an access token of the account as it was then, and a refresh token.</summary>
internal sealed class Sessions(ITokenIssuer tokens, IRefreshTokens refreshTokens, TimeProvider time)
{
    public async ValueTask<LoginResponse> BeginAsync(Account account, CancellationToken cancellationToken) =>
        Answer(account, await refreshTokens.IssueAsync(account, cancellationToken).ConfigureAwait(false));

    public LoginResponse Answer(Account account, RefreshToken refresh)
    {
        var token = tokens.Issue(
            new TokenRequest(account.Id.ToString())
            {
                Roles = account.Roles,
                Claims = new Dictionary<string, string>
                {
                    [Caller.NameClaim] = account.Name,
                    [Caller.EpochClaim] = account.Epoch.ToString(CultureInfo.InvariantCulture),
                },
            }
        );
        return new LoginResponse(token.Token, "Bearer", Seconds(token.ExpiresAt), account.Roles, refresh.Token, Seconds(refresh.ExpiresAt));
    }

    private long Seconds(DateTimeOffset until) => Math.Max(0, (long)(until - time.GetUtcNow()).TotalSeconds);
}
