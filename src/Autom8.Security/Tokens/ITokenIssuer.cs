namespace Autom8.Security.Tokens;

/// <summary>Issues access tokens. Safe for concurrent use.</summary>
public interface ITokenIssuer
{
    /// <summary>Issues a token, valid from now.</summary>
    /// <exception cref="ArgumentException">The request is not acceptable, or the token would be larger than a validator accepts.</exception>
    IssuedToken Issue(TokenRequest request);
}

/// <summary>What a token is to say.</summary>
/// <param name="Subject">Whom it is about (<c>sub</c>): 1 to 256 characters.</param>
public sealed record TokenRequest(string Subject)
{
    /// <summary>The subject's roles (<c>roles</c>, RFC 9068, section 2.2.3.1).</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>What the token may be used for (<c>scope</c>, RFC 8693, section 4.2): words without spaces.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Further claims; they may not take the name of one that the issuer writes.</summary>
    public IReadOnlyDictionary<string, string> Claims { get; init; } = new Dictionary<string, string>();

    /// <summary>How long it is good for, at most <see cref="TokenOptions.AccessLifetime"/>, which is the default.</summary>
    public TimeSpan? Lifetime { get; init; }
}

/// <summary>A token that was issued.</summary>
/// <param name="Token">The token: a credential, not to be logged.</param>
/// <param name="Id">Its id (<c>jti</c>).</param>
/// <param name="ExpiresAt">When it ends (UTC, whole seconds).</param>
public readonly record struct IssuedToken(string Token, string Id, DateTimeOffset ExpiresAt)
{
    /// <summary>Names the token by its id; never shows it.</summary>
    public override string ToString() => $"token {Id}";
}
