using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary>
/// API keys, as <c>Authorization: ApiKey a8k_…</c> or <c>X-Api-Key: a8k_…</c>, and app passwords as Basic (RFC 7617) with the account's name. A key is good while its owner may sign in; it has
/// the roles of its own that the owner still has.
/// </summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ApiKeys keys
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "ApiKey";
    public const string Header = "X-Api-Key";

    private const string Prefix = "ApiKey ";
    private const string BasicPrefix = "Basic ";

    // A name of 64 letters of four bytes, a colon and an app password, in base64.
    private const int MaxBasic = 512;

    /// <summary>Whether a request brings what this handler knows.</summary>
    public static bool IsMeant(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            || authorization.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase)
            || (authorization.Length == 0 && request.Headers.ContainsKey(Header));
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authorization = Request.Headers.Authorization.ToString();
        string? presented;
        string? name = null;
        if (authorization.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase))
        {
            (name, presented) = ReadBasic(authorization[BasicPrefix.Length..].Trim());
        }
        else
        {
            presented = authorization.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                ? authorization[Prefix.Length..].Trim()
                : Request.Headers[Header].ToString();
        }

        // An app password comes with its owner's name and an API key alone: neither does for the other.
        if (
            presented is null
            || await keys.VerifyAsync(presented, Context.RequestAborted).ConfigureAwait(false) is not { } identity
            || (identity.Kind == ApiKeyKind.AppPassword) != name is not null
            || (name is not null && !AccountService.IsSameName(name, identity.Account.Name))
        )
        {
            return AuthenticateResult.Fail("The key is not valid.");
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(Claims(identity)), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        new ProblemResult(
            ProblemType.Unauthenticated,
            "This key or app password is not good, or no longer; or send the access token that POST /api/v1/auth/login answers with."
        ).ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        new ProblemResult(ProblemType.Forbidden).ExecuteAsync(Context);

    private static ClaimsIdentity Claims(ApiKeyIdentity identity)
    {
        var claims = new ClaimsIdentity(Scheme, Caller.NameClaim, Caller.RoleClaim);
        claims.AddClaim(new Claim(Caller.SubjectClaim, identity.Account.Id.ToString()));
        claims.AddClaim(new Claim(Caller.NameClaim, identity.Account.Name));
        claims.AddClaim(new Claim(Caller.ApiKeyClaim, identity.KeyId.ToString()));
        if (!identity.CanWrite)
        {
            claims.AddClaim(new Claim(Caller.ReadOnlyClaim, "true"));
        }

        foreach (var role in identity.Roles)
        {
            claims.AddClaim(new Claim(Caller.RoleClaim, role));
        }

        return claims;
    }

    private static (string? Name, string? Password) ReadBasic(string base64)
    {
        Span<byte> bytes = stackalloc byte[MaxBasic];
        if (base64.Length > MaxBasic || !Convert.TryFromBase64String(base64, bytes, out var length))
        {
            return default;
        }

        var text = Encoding.UTF8.GetString(bytes[..length]);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? default : (text[..colon], text[(colon + 1)..]);
    }
}
