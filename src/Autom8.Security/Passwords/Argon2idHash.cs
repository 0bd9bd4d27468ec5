using System.Globalization;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Autom8.Security.Passwords;

/// <summary>An Argon2id (RFC 9106) hash and its parameters, in the PHC string format: <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>.</summary>
internal sealed record Argon2idHash(int MemoryKiB, int Passes, byte[] Salt, byte[] Hash)
{
    public const int SaltLength = 16;
    public const int HashLength = 32;

    private const string Prefix = "$argon2id$v=19$";

    public static byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int memoryKiB, int passes)
    {
        var parameters = new Argon2Parameters
        {
            MemorySize = memoryKiB,
            NumberOfPasses = passes,
            DegreeOfParallelism = 1, // all that libsodium offers
        };
        return PasswordBasedKeyDerivationAlgorithm.Argon2id(parameters).DeriveBytes(password, salt, HashLength);
    }

    /// <summary>Whether this is the hash of the password, in constant time.</summary>
    public bool Matches(ReadOnlySpan<byte> password) =>
        CryptographicOperations.FixedTimeEquals(Derive(password, Salt, MemoryKiB, Passes), Hash);

    /// <summary>
    /// Reads the one canonical form. Parameters are capped, so that a stored hash cannot ask for more work than a setting may; other variants, versions,
    /// lanes, salt and hash lengths are refused.
    /// </summary>
    public static bool TryParse(string text, out Argon2idHash hash)
    {
        hash = null!;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var parts = text[Prefix.Length..].Split('$');
        if (parts.Length != 3)
        {
            return false;
        }

        var parameters = parts[0].Split(',');
        if (
            parameters.Length != 3
            || !TryNumber(parameters[0], "m=", 8, PasswordOptions.MaxMemoryKiB, out var memory)
            || !TryNumber(parameters[1], "t=", 1, PasswordOptions.MaxPasses, out var passes)
            || parameters[2] != "p=1"
            || !TryBytes(parts[1], SaltLength, out var salt)
            || !TryBytes(parts[2], HashLength, out var value)
        )
        {
            return false;
        }

        hash = new Argon2idHash(memory, passes, salt, value);
        return true;
    }

    /// <summary>The PHC string.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}m={MemoryKiB},t={Passes},p=1${Unpadded(Salt)}${Unpadded(Hash)}");

    private static bool TryNumber(string text, string name, int min, int max, out int number)
    {
        number = 0;
        return text.StartsWith(name, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number >= min
            && number <= max
            && text[name.Length] != '0';
    }

    private static bool TryBytes(string text, int length, out byte[] bytes)
    {
        bytes = new byte[length];
        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        return Convert.TryFromBase64String(padded, bytes, out var written) && written == length && Unpadded(bytes) == text;
    }

    private static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');
}
