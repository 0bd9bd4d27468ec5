using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security;

/// <summary>
/// A random secret as text: a prefix that says what it is, then base64url of the secret and a checksum. Secret scanners recognise it, and a typing error is
/// known for one without a look into the database.
/// </summary>
/// <remarks>The checksum is the first four bytes of SHA-256 over prefix and secret: it finds errors, it proves nothing.</remarks>
internal static class OpaqueSecret
{
    /// <summary>256 bits: what a credential has at least.</summary>
    public const int Length = 32;

    private const int ChecksumLength = 4;
    private const int MaxLength = 64;

    public static string Format(string prefix, ReadOnlySpan<byte> secret)
    {
        Span<byte> bytes = stackalloc byte[secret.Length + ChecksumLength];
        secret.CopyTo(bytes);
        Checksum(prefix, secret, bytes[secret.Length..]);
        var text = prefix + Base64Url.EncodeToString(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return text;
    }

    /// <summary>Reads a secret that has this prefix and exactly the length of <paramref name="secret"/>.</summary>
    public static bool TryParse(string prefix, ReadOnlySpan<char> text, Span<byte> secret)
    {
        Span<byte> bytes = stackalloc byte[MaxLength + ChecksumLength];
        bytes = bytes[..(secret.Length + ChecksumLength)];
        if (
            !text.StartsWith(prefix, StringComparison.Ordinal)
            || StrictBase64Url.DecodedLength(text.Length - prefix.Length) != bytes.Length
            || !StrictBase64Url.TryDecode(text[prefix.Length..], bytes, out var written)
            || written != bytes.Length
        )
        {
            return false;
        }

        Span<byte> checksum = stackalloc byte[ChecksumLength];
        Checksum(prefix, bytes[..secret.Length], checksum);
        if (!CryptographicOperations.FixedTimeEquals(checksum, bytes[secret.Length..]))
        {
            return false;
        }

        bytes[..secret.Length].CopyTo(secret);
        CryptographicOperations.ZeroMemory(bytes);
        return true;
    }

    private static void Checksum(string prefix, ReadOnlySpan<byte> secret, Span<byte> destination)
    {
        Span<byte> message = stackalloc byte[prefix.Length + secret.Length];
        Encoding.ASCII.GetBytes(prefix, message);
        secret.CopyTo(message[prefix.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, hash);
        hash[..ChecksumLength].CopyTo(destination);
        CryptographicOperations.ZeroMemory(message);
    }
}
