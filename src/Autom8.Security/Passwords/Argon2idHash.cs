using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Autom8.Security.Passwords;

/// <summary>An Argon2id (RFC 9106) hash and its parameters, in the PHC string format: <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>.</summary>
internal sealed record Argon2idHash(int MemoryKiB, int Passes, byte[] Salt, byte[] Hash) : IPasswordHash
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

    public bool Matches(ReadOnlySpan<byte> password) =>
        CryptographicOperations.FixedTimeEquals(Derive(password, Salt, MemoryKiB, Passes), Hash);

    public bool IsCurrent(PasswordOptions options) => MemoryKiB == options.MemoryKiB && Passes == options.Passes;

    /// <summary>
    /// Reads the one canonical form. Parameters are capped, so that a stored hash cannot ask for more work than a setting may; other variants, versions,
    /// lanes, salt and hash lengths are refused.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Argon2idHash? hash) => Read(text, out hash) is null;

    /// <summary>The same, saying by name what is refused.</summary>
    public static string? Read(string text, out Argon2idHash? hash)
    {
        hash = null;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return text.StartsWith("$argon2i$", StringComparison.Ordinal) || text.StartsWith("$argon2d$", StringComparison.Ordinal)
                    ? $"The hash is {(text[7] == 'i' ? "Argon2i" : "Argon2d")}; only Argon2id is computed."
                : text.StartsWith("$argon2id$v=", StringComparison.Ordinal)
                    ? "The hash is of another version of Argon2; only version 19 (v=19, RFC 9106) is computed."
                : text.StartsWith("$argon2id$", StringComparison.Ordinal)
                    ? "The hash names no version of Argon2, which means version 16; only version 19 (v=19, RFC 9106) is computed."
                : "This is not an Argon2id hash in PHC form, such as $argon2id$v=19$m=19456,t=2,p=1$salt$hash.";
        }

        var parts = text[Prefix.Length..].Split('$');
        var parameters = parts[0].Split(',');
        if (parts.Length != 3 || parameters.Length != 3)
        {
            return "The PHC string does not have the parts m=,t=,p= then salt and hash, in this order.";
        }

        if (!TryNumber(parameters[0], "m=", 8, PasswordOptions.MaxMemoryKiB, out var memory))
        {
            return $"The hash asks for an amount of memory (m) that is not computed: it must be m=8 to m={PasswordOptions.MaxMemoryKiB}, in KiB.";
        }

        if (!TryNumber(parameters[1], "t=", 1, PasswordOptions.MaxPasses, out var passes))
        {
            return $"The hash asks for a number of passes (t) that is not computed: it must be t=1 to t={PasswordOptions.MaxPasses}.";
        }

        if (parameters[2] != "p=1")
        {
            return "The hash has more than one lane (p): libsodium computes p=1 only.";
        }

        if (!TryBytes(parts[1], SaltLength, out var salt))
        {
            return $"The salt is not the base64, without padding, of {SaltLength} bytes.";
        }

        if (!TryBytes(parts[2], HashLength, out var value))
        {
            return $"The hash is not the base64, without padding, of {HashLength} bytes.";
        }

        hash = new Argon2idHash(memory, passes, salt, value);
        return null;
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
