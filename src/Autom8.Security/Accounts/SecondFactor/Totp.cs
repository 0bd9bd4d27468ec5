using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security.Accounts;

/// <summary>Time-based one-time passwords (RFC 6238, over RFC 4226): steps of 30 seconds.</summary>
internal static class Totp
{
    public const int Digits = 6;
    public const int StepSeconds = 30;

    // One step either way, for clocks that differ and fingers that are slow (RFC 6238, section 5.2).
    private const int Window = 1;

    public static long StepAt(DateTimeOffset time) => Math.DivRem(time.ToUnixTimeSeconds(), StepSeconds).Quotient;

    public static string Compute(ReadOnlySpan<byte> secret, long step, TotpAlgorithm algorithm, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var length = algorithm switch
        {
            TotpAlgorithm.Sha256 => HMACSHA256.HashData(secret, counter, hash),
#pragma warning disable CA5350 // what authenticator apps compute; see TotpAlgorithm.Sha1
            _ => HMACSHA1.HashData(secret, counter, hash),
#pragma warning restore CA5350
        };
        // Dynamic truncation (RFC 4226, section 5.3).
        var offset = hash[length - 1] & 0xF;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & 0x7FFF_FFFF;
        var modulus = 1;
        for (var i = 0; i < digits; i++)
        {
            modulus *= 10;
        }

        return (number % modulus).ToString("D" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    /// <summary>The step that a code is of, if that is now, one before or one after, and later than the last that was used; else null.</summary>
    public static long? Match(ReadOnlySpan<byte> secret, TotpAlgorithm algorithm, string code, DateTimeOffset now, long lastStep)
    {
        Span<byte> typed = stackalloc byte[Digits];
        Span<byte> expected = stackalloc byte[Digits];
        if (code.Length != Digits || !Ascii.IsValid(code))
        {
            return null;
        }

        Encoding.ASCII.GetBytes(code, typed);
        long? matched = null;
        var current = StepAt(now);
        for (var step = current - Window; step <= current + Window; step++)
        {
            Encoding.ASCII.GetBytes(Compute(secret, step, algorithm), expected);
            if (CryptographicOperations.FixedTimeEquals(typed, expected) && step > lastStep)
            {
                matched = step;
            }
        }

        return matched;
    }
}
