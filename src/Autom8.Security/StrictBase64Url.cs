using System.Buffers;
using System.Buffers.Text;

namespace Autom8.Security;

/// <summary>
/// Base64url (RFC 4648, section 5) with one text for one value: no padding, no white space, no stray bits. The base library's decoder is
/// lenient, and its Try method throws on what it does not accept.
/// </summary>
internal static class StrictBase64Url
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>The length of what <paramref name="length"/> characters decode to.</summary>
    public static int DecodedLength(int length) => (length / 4 * 3) + Math.Max(0, (length % 4) - 1);

    /// <summary>Decodes <paramref name="text"/>, or says that it is not canonical or does not fit.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        var remainder = text.Length % 4;
        if (remainder == 1 || destination.Length < DecodedLength(text.Length))
        {
            return false;
        }

        if (remainder != 0 && (Alphabet.IndexOf(text[^1], StringComparison.Ordinal) & (remainder == 2 ? 0b1111 : 0b11)) != 0)
        {
            return false;
        }

        // The decoder passes over white space and padding: then it has written less.
        return Base64Url.DecodeFromChars(text, destination, out _, out written) == OperationStatus.Done
            && written == DecodedLength(text.Length);
    }
}
