using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens.Signatures;

/// <summary>RS256 (RFC 7518, section 3.3).</summary>
internal sealed class RsaTokenKey : TokenKey
{
    private const int MinimumBits = 2048;
    private const int MaximumBits = 8192;

    private readonly InstancePool<RSA> _pool;

    /// <exception cref="CryptographicException">The material is not an RSA private key of 2048 to 8192 bits.</exception>
    public RsaTokenKey(KeyringKey key)
        : base(key, TokenAlgorithm.RS256)
    {
        _pool = new InstancePool<RSA>(() =>
        {
            var created = RSA.Create();
            created.ImportPkcs8PrivateKey(key.Material, out _);
            return created;
        });
        var rsa = _pool.Rent();
        SignatureLength = rsa.KeySize / 8;
        _pool.Return(rsa);
        if (SignatureLength is < MinimumBits / 8 or > MaximumBits / 8)
        {
            throw new CryptographicException(
                $"The RSA key {Id} has {SignatureLength * 8} bits; it must have {MinimumBits} to {MaximumBits}."
            );
        }
    }

    public override int SignatureLength { get; }

    public override void Sign(ReadOnlySpan<byte> input, Span<byte> signature)
    {
        var rsa = _pool.Rent();
        rsa.SignData(input, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _pool.Return(rsa);
    }

    public override bool Verify(ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        var rsa = _pool.Rent();
        var valid = rsa.VerifyData(input, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _pool.Return(rsa);
        return valid;
    }

    public override void WritePublicKey(Utf8JsonWriter json)
    {
        var rsa = _pool.Rent();
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        _pool.Return(rsa);
        json.WriteString("kty", "RSA");
        json.WriteString("n", Base64Url.EncodeToString(parameters.Modulus));
        json.WriteString("e", Base64Url.EncodeToString(parameters.Exponent));
    }
}
