using System.Security.Cryptography;
using System.Text.Json;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens.Signatures;

/// <summary>HS256 (RFC 7518, section 3.2).</summary>
/// <remarks>An instance that is used again costs half of what the one-shot call does, which sets the key up anew each time.</remarks>
internal sealed class HmacTokenKey : TokenKey
{
    private readonly InstancePool<HMACSHA256> _pool;

    /// <exception cref="CryptographicException">The secret is shorter than the hash (RFC 7518, section 3.2).</exception>
    public HmacTokenKey(KeyringKey key)
        : base(key, TokenAlgorithm.HS256)
    {
        if (key.Material.Length < HMACSHA256.HashSizeInBytes)
        {
            throw new CryptographicException($"The secret of the key {Id} is shorter than {HMACSHA256.HashSizeInBytes} bytes.");
        }

        _pool = new InstancePool<HMACSHA256>(() => new HMACSHA256(key.Material.ToArray()));
    }

    public override int SignatureLength => HMACSHA256.HashSizeInBytes;

    public override void Sign(ReadOnlySpan<byte> input, Span<byte> signature)
    {
        var hmac = _pool.Rent();
        hmac.TryComputeHash(input, signature, out _);
        _pool.Return(hmac);
    }

    public override bool Verify(ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(input, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }

    public override bool HasPublicKey => false;

    public override void WritePublicKey(Utf8JsonWriter json) =>
        throw new NotSupportedException("The key of an HMAC that validates is the one that signs.");
}
