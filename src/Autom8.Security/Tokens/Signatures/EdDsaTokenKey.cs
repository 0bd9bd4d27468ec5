using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Autom8.Security.Keys;
using NSec.Cryptography;

namespace Autom8.Security.Tokens.Signatures;

/// <summary>EdDSA with Ed25519 (RFC 8037, section 3.1), by libsodium, whose keys any number of threads may use.</summary>
internal sealed class EdDsaTokenKey : TokenKey
{
    private readonly Key _key;

    /// <exception cref="CryptographicException">The material is not an Ed25519 private key.</exception>
    public EdDsaTokenKey(KeyringKey key)
        : base(key, TokenAlgorithm.EdDSA)
    {
        if (!Key.TryImport(SignatureAlgorithm.Ed25519, key.Material, KeyBlobFormat.PkixPrivateKey, out var imported))
        {
            throw new CryptographicException($"The material of the key {Id} is not an Ed25519 private key in PKCS#8.");
        }

        _key = imported!;
    }

    public override int SignatureLength => 64;

    public override void Sign(ReadOnlySpan<byte> input, Span<byte> signature) => SignatureAlgorithm.Ed25519.Sign(_key, input, signature);

    public override bool Verify(ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature) =>
        SignatureAlgorithm.Ed25519.Verify(_key.PublicKey, input, signature);

    public override void WritePublicKey(Utf8JsonWriter json)
    {
        json.WriteString("kty", "OKP");
        json.WriteString("crv", "Ed25519");
        json.WriteString("x", Base64Url.EncodeToString(_key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
    }
}
