using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Autom8.Security.Accounts;
using Autom8.Security.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary>
/// Bearer tokens (RFC 6750) of this service's own. A token is good while it verifies and its account still has the epoch that it was issued under: a change of
/// password, role or state ends it within a second on every node.
/// </summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ITokenValidator tokens,
    AccountService accounts
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Bearer";

    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        // Why a token was refused is counted, and never told.
        if (
            tokens.Validate(header.AsSpan(Prefix.Length).Trim(), out var token) != TokenStatus.Valid
            || !Guid.TryParse(token.Subject, out var account)
            || !token.TryGetClaim(Caller.EpochClaim, out var text)
            || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || await accounts.CurrentEpochAsync(account, Context.RequestAborted).ConfigureAwait(false) != epoch
        )
        {
            return AuthenticateResult.Fail("The token is not valid.");
        }

        var identity = new ClaimsIdentity(Scheme, Caller.NameClaim, Caller.RoleClaim);
        identity.AddClaim(new Claim(Caller.SubjectClaim, token.Subject));
        if (token.TryGetClaim(Caller.NameClaim, out var name))
        {
            identity.AddClaim(new Claim(Caller.NameClaim, name));
        }

        foreach (var role in token.Roles)
        {
            identity.AddClaim(new Claim(Caller.RoleClaim, role));
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        new ProblemResult(ProblemType.Unauthenticated, "Send the access token that POST /api/v1/auth/login answers with.").ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        new ProblemResult(ProblemType.Forbidden).ExecuteAsync(Context);
}
