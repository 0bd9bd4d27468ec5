using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security.Passwords;

/// <summary>
/// A password as the bytes that are hashed, so that it matches however a keyboard composes it: the OpaqueString profile of RFC 8265, section 4.2 - other
/// spaces become U+0020, NFC, no control characters, not empty - and at most 1024 bytes.
/// </summary>
internal static class PreparedPassword
{
    public const int MaxBytes = 1024;

    // Composition can shorten text; this only bounds the work of finding out.
    public const int MaxCharacters = MaxBytes * 4;

    /// <summary>The bytes, or null when no account can have this password. The caller wipes them.</summary>
    public static byte[]? TryPrepare(string password)
    {
        if (password.Length is 0 or > MaxCharacters)
        {
            return null;
        }

        ReadOnlySpan<char> rest = password;
        while (!rest.IsEmpty)
        {
            // Ill-formed text has no normal form: NFC throws on it, and on U+FFFE.
            if (
                Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != OperationStatus.Done
                || Rune.IsControl(rune)
                || rune.Value == 0xFFFE
            )
            {
                return null;
            }

            rest = rest[consumed..];
        }

        var spaced = string.Create(
            password.Length,
            password,
            static (to, from) =>
            {
                for (var i = 0; i < to.Length; i++)
                {
                    to[i] = char.GetUnicodeCategory(from[i]) == UnicodeCategory.SpaceSeparator ? ' ' : from[i];
                }
            }
        );
        var bytes = Encoding.UTF8.GetBytes(spaced.Normalize(NormalizationForm.FormC));
        if (bytes.Length <= MaxBytes)
        {
            return bytes;
        }

        CryptographicOperations.ZeroMemory(bytes);
        return null;
    }
}
