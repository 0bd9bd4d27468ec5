namespace Autom8.Security.Tokens;

/// <summary>Access tokens, section <c>Autom8:Security:Tokens</c>.</summary>
public sealed class TokenOptions
{
    internal static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(1);

    /// <summary>Who issues: the <c>iss</c> of every token, and the only one that is accepted. Default <c>autom8</c>.</summary>
    public string Issuer { get; set; } = "autom8";

    /// <summary>Whom the tokens are for: the <c>aud</c> of every token, and the only one that is accepted. Default <c>autom8-api</c>.</summary>
    public string Audience { get; set; } = "autom8-api";

    /// <summary>How long an access token is good for: up to a day. Default 10 minutes, since it cannot be called back.</summary>
    public TimeSpan AccessLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How far the clocks of two nodes may differ: up to five minutes. Default 30 seconds.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How the next token key signs; a key keeps the algorithm it was made with, so that after a change the next rotation brings it. Default <see cref="TokenAlgorithm.ES256"/>.
    /// </summary>
    public TokenAlgorithm Algorithm { get; set; }

    /// <summary>How many tokens that were verified are remembered, so that the next request needs no signature checked: 0 to 1,048,576, about 3 KB each. Default 8,192.</summary>
    public int VerifiedTokens { get; set; } = 8_192;

    internal IEnumerable<string> Problems()
    {
        const string section = "Autom8:Security:Tokens";
        if (!TokenClaims.IsText(Issuer))
        {
            yield return $"{section}:Issuer must be 1 to 256 characters without control characters, such as https://id.example.org.";
        }

        if (!TokenClaims.IsText(Audience))
        {
            yield return $"{section}:Audience must be 1 to 256 characters without control characters, such as https://api.example.org.";
        }

        if (AccessLifetime < TimeSpan.FromSeconds(1) || AccessLifetime > MaxLifetime)
        {
            yield return $"{section}:AccessLifetime is {AccessLifetime:c}; it must be one second to one day, such as 00:10:00.";
        }

        if (ClockSkew < TimeSpan.Zero || ClockSkew > TimeSpan.FromMinutes(5))
        {
            yield return $"{section}:ClockSkew is {ClockSkew:c}; it must be 00:00:00 to 00:05:00, such as 00:00:30.";
        }

        if (!Enum.IsDefined(Algorithm))
        {
            yield return $"{section}:Algorithm is {Algorithm}; it must be one of {string.Join(", ", Enum.GetNames<TokenAlgorithm>())}.";
        }

        if (VerifiedTokens is < 0 or > 1 << 20)
        {
            yield return $"{section}:VerifiedTokens is {VerifiedTokens}; it must be 0 to {1 << 20}, such as 8192.";
        }
    }
}
