using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens.Signatures;

/// <summary>ES256 (RFC 7518, section 3.4): the signature is r and s of 32 bytes each.</summary>
/// <remarks>Importing a key costs about as much as using it, and an <see cref="ECDsa"/> promises nothing to several threads: hence the pool.</remarks>
internal sealed class EcdsaTokenKey : TokenKey
{
    private const DSASignatureFormat Format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;

    private readonly InstancePool<ECDsa> _pool;

    /// <exception cref="CryptographicException">The material is not a P-256 private key.</exception>
    public EcdsaTokenKey(KeyringKey key)
        : base(key, TokenAlgorithm.ES256)
    {
        _pool = new InstancePool<ECDsa>(() =>
        {
            var ecdsa = ECDsa.Create();
            ecdsa.ImportPkcs8PrivateKey(key.Material, out _);
            return ecdsa;
        });
        _pool.Return(_pool.Rent()); // a key that is not sound shows now, not at the first token
    }

    public override int SignatureLength => 64;

    public override void Sign(ReadOnlySpan<byte> input, Span<byte> signature)
    {
        var ecdsa = _pool.Rent();
        ecdsa.SignData(input, signature, HashAlgorithmName.SHA256, Format);
        _pool.Return(ecdsa);
    }

    public override bool Verify(ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        var ecdsa = _pool.Rent();
        var valid = ecdsa.VerifyData(input, signature, HashAlgorithmName.SHA256, Format);
        _pool.Return(ecdsa);
        return valid;
    }

    public override void WritePublicKey(Utf8JsonWriter json)
    {
        var ecdsa = _pool.Rent();
        var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        _pool.Return(ecdsa);
        json.WriteString("kty", "EC");
        json.WriteString("crv", "P-256");
        json.WriteString("x", Base64Url.EncodeToString(point.X));
        json.WriteString("y", Base64Url.EncodeToString(point.Y));
    }
}
