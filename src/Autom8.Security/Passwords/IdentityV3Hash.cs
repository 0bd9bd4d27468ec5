using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Autom8.Security.Passwords;

/// <summary>
/// A hash of ASP.NET Core Identity's <c>PasswordHasher</c>, format version 3: base64 of <c>01 | PRF | iterations | salt length | salt | subkey</c>, numbers big-endian, PBKDF2
/// (RFC 8018, section 5.2). Verified so that users can be brought along; never made.
/// </summary>
internal sealed record IdentityV3Hash(HashAlgorithmName Algorithm, int Iterations, byte[] Salt, byte[] Subkey) : IPasswordHash
{
    /// <summary>What such a hash is kept under.</summary>
    public const string Prefix = "$identity-v3$";

    private const byte Version = 0x01;
    private const int HeaderLength = 13;
    private const int MinLength = 16;
    private const int MaxLength = 64;

    // Ten times Identity's default; half a second of one core.
    private const int MaxIterations = 1_000_000;

    public static IdentityV3Hash Parse(string base64)
    {
        var bytes = new byte[HeaderLength + 2 * MaxLength];
        if (!Convert.TryFromBase64String(base64, bytes, out var length) || length < HeaderLength)
        {
            throw new PasswordHashException(
                "This is neither a PHC string ($argon2id$v=19$…) nor the base64 of an ASP.NET Core Identity hash, or it is longer than those are."
            );
        }

        var header = bytes.AsSpan(0, HeaderLength);
        if (header[0] != Version)
        {
            throw new PasswordHashException(
                $"The ASP.NET Core Identity hash has format version {Text(header[0])}; only version 1 (Identity 3) is computed. Let its user choose a new password."
            );
        }

        var algorithm = BinaryPrimitives.ReadUInt32BigEndian(header[1..]) switch
        {
            0 => HashAlgorithmName.SHA1,
            1 => HashAlgorithmName.SHA256,
            2 => HashAlgorithmName.SHA512,
            var other => throw new PasswordHashException(
                $"The ASP.NET Core Identity hash names PRF {Text(other)}; 0 (SHA-1), 1 (SHA-256) and 2 (SHA-512) are computed."
            ),
        };
        var iterations = BinaryPrimitives.ReadUInt32BigEndian(header[5..]);
        if (iterations is < 1 or > MaxIterations)
        {
            throw new PasswordHashException(
                $"The ASP.NET Core Identity hash asks for {Text(iterations)} iterations; 1 to {Text(MaxIterations)} are computed."
            );
        }

        var salt = BinaryPrimitives.ReadUInt32BigEndian(header[9..]);
        var subkey = length - HeaderLength - salt;
        if (salt is < MinLength or > MaxLength || subkey is < MinLength or > MaxLength)
        {
            throw new PasswordHashException(
                $"The ASP.NET Core Identity hash has a salt of {Text(salt)} and a subkey of {Text(Math.Max(0, subkey))} bytes; each has {MinLength} to {MaxLength}."
            );
        }

        return new IdentityV3Hash(
            algorithm,
            (int)iterations,
            bytes.AsSpan(HeaderLength, (int)salt).ToArray(),
            bytes.AsSpan(HeaderLength + (int)salt, (int)subkey).ToArray()
        );
    }

    public bool Matches(ReadOnlySpan<byte> password) =>
        CryptographicOperations.FixedTimeEquals(Rfc2898DeriveBytes.Pbkdf2(password, Salt, Iterations, Algorithm, Subkey.Length), Subkey);

    public bool IsCurrent(PasswordOptions options) => false;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
