using System.Collections.Frozen;

namespace Autom8.Security.Tokens;

/// <summary>The names and bounds that issuer and validator share.</summary>
internal static class TokenClaims
{
    public const string Type = "at+jwt";
    public const int MaxLength = 8192;
    public const int MaxDepth = 8;
    public const int MaxMembers = 64;
    public const int MaxText = 256;

    /// <summary>What the issuer writes itself.</summary>
    public static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(
        ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "scope", "roles"],
        StringComparer.Ordinal
    );

    public static bool IsText(string? text) => text is { Length: >= 1 and <= MaxText } && !text.Any(char.IsControl);

    /// <summary>Whether a text may name a claim: printable ASCII that JSON need not escape, so that a name has one form.</summary>
    public static bool IsName(string? name) =>
        name is { Length: >= 1 and <= MaxText } && name.All(c => c is > ' ' and <= '~' and not ('"' or '\\'));
}
