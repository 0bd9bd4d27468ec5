using System.Buffers;
using System.Collections.Frozen;
using System.Text;

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

    /// <summary>Whether a text names something: 1 to 256 characters, well-formed and none of them a control character.</summary>
    public static bool IsText(ReadOnlySpan<char> text) =>
        text.Length is >= 1 and <= MaxText
        && !text.ContainsAnyInRange('\0', '\u001F')
        && !text.ContainsAnyInRange('\u007F', '\u009F')
        && IsWellFormed(text);

    /// <summary>Whether no surrogate stands alone: an encoder puts U+FFFD in its place, and two texts would become one.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!Ascii.IsValid(text))
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != OperationStatus.Done)
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    /// <summary>Whether a text may name a claim: printable ASCII that JSON need not escape, so that a name has one form.</summary>
    public static bool IsName(string? name) =>
        name is { Length: >= 1 and <= MaxText } && name.All(c => c is > ' ' and <= '~' and not ('"' or '\\'));
}
