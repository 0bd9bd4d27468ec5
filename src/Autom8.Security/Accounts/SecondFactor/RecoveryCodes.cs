using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security.Accounts;

/// <summary>Ten codes for the day the authenticator is lost, each good once. Only their hashes are kept, and those encrypted.</summary>
internal static class RecoveryCodes
{
    public const int Count = 10;

    // Without 0, 1, i, l and o. Twelve of 31 letters are 59 bits: an encrypted SHA-256 is as safe as the lock-out is strict.
    private const string Alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
    private const int GroupLength = 4;
    private const int Groups = 3;
    private const int Letters = GroupLength * Groups;

    public static string[] Generate() =>
        [
            .. Enumerable
                .Range(0, Count)
                .Select(_ =>
                    string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Alphabet, GroupLength)))
                ),
        ];

    /// <summary>The hashes of codes, as one text.</summary>
    public static string Hash(IEnumerable<string> codes) => string.Join(' ', codes.Select(code => HashOf(Letter(code))));

    public static int Left(string hashes) => hashes.Length == 0 ? 0 : hashes.Split(' ').Length;

    /// <summary>The hashes without that of a code, if it is among them; else null.</summary>
    public static string? Use(string hashes, string code)
    {
        var letters = Letter(code);
        if (letters.Length != Letters)
        {
            return null;
        }

        var used = Encoding.ASCII.GetBytes(HashOf(letters));
        var left = hashes.Split(' ').Where(hash => !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), used)).ToArray();
        return left.Length < Left(hashes) ? string.Join(' ', left) : null;
    }

    // However it was copied: without dashes and spaces, in small letters.
    private static string Letter(string code) =>
        code.Length > 4 * Letters ? "" : new string([.. code.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant)]);

    private static string HashOf(string letters) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(letters)));
}
