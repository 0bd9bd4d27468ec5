using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Autom8.Security.Keys;
using NSec.Cryptography;

namespace Autom8.Security.Tokens.Signatures;

/// <summary>A token key ready for use: it signs and verifies by the algorithm that its material has. Safe for concurrent use.</summary>
internal abstract class TokenKey
{
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string NistP256 = "1.2.840.10045.3.1.7";
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string Ed25519 = "1.3.101.112";
    private const int RsaBits = 3072;

    protected TokenKey(KeyringKey key, TokenAlgorithm algorithm)
    {
        Id = key.Id;
        Algorithm = algorithm.ToString();
        var header = Encoding.ASCII.GetBytes($$"""{"alg":"{{Algorithm}}","typ":"{{TokenClaims.Type}}","kid":"{{Id}}"}""");
        Header = Base64Url.EncodeToString(header);
    }

    public KeyId Id { get; }

    /// <summary>The <c>alg</c> of its tokens.</summary>
    public string Algorithm { get; }

    /// <summary>The header, encoded, that this service gives every token of the key: one that begins with it need not be parsed.</summary>
    public string Header { get; }

    /// <summary>In bytes.</summary>
    public abstract int SignatureLength { get; }

    public abstract void Sign(ReadOnlySpan<byte> input, Span<byte> signature);

    /// <param name="input">What was signed.</param>
    /// <param name="signature">Exactly <see cref="SignatureLength"/> bytes.</param>
    public abstract bool Verify(ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature);

    /// <summary>Whether others may validate without being able to issue.</summary>
    public virtual bool HasPublicKey => true;

    /// <summary>Writes the members that are the public key itself (RFC 7518, section 6).</summary>
    public abstract void WritePublicKey(Utf8JsonWriter json);

    /// <exception cref="CryptographicException">The material is not a key of any of the algorithms.</exception>
    public static TokenKey Of(KeyringKey key) =>
        AlgorithmOf(key.Material) switch
        {
            TokenAlgorithm.HS256 => new HmacTokenKey(key),
            TokenAlgorithm.RS256 => new RsaTokenKey(key),
            TokenAlgorithm.EdDSA => new EdDsaTokenKey(key),
            _ => new EcdsaTokenKey(key),
        };

    /// <summary>The material of a new key: PKCS#8 (RFC 5958), or 32 random bytes for HMAC.</summary>
    public static byte[] Generate(TokenAlgorithm algorithm)
    {
        switch (algorithm)
        {
            case TokenAlgorithm.ES256:
                using (var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return ecdsa.ExportPkcs8PrivateKey();
                }

            case TokenAlgorithm.RS256:
                using (var rsa = RSA.Create(RsaBits))
                {
                    return rsa.ExportPkcs8PrivateKey();
                }

            case TokenAlgorithm.EdDSA:
                using (
                    var ed25519 = NSec.Cryptography.Key.Create(
                        SignatureAlgorithm.Ed25519,
                        new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }
                    )
                )
                {
                    return ed25519.Export(KeyBlobFormat.PkixPrivateKey);
                }

            case TokenAlgorithm.HS256:
                return RandomNumberGenerator.GetBytes(KeyringKey.SymmetricLength);
            default:
                throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "The algorithm is not defined.");
        }
    }

    /// <summary>A private key in PKCS#8 names its algorithm, and none is as short as the secret of an HMAC.</summary>
    /// <exception cref="CryptographicException">The material is not a key of any of the algorithms.</exception>
    public static TokenAlgorithm AlgorithmOf(ReadOnlySpan<byte> material)
    {
        if (material.Length == KeyringKey.SymmetricLength)
        {
            return TokenAlgorithm.HS256;
        }

        try
        {
            AsnDecoder.ReadSequence(material, AsnEncodingRules.DER, out var start, out var length, out _);
            var content = material.Slice(start, length);
            AsnDecoder.ReadInteger(content, AsnEncodingRules.DER, out var consumed); // the version
            content = content[consumed..];
            AsnDecoder.ReadSequence(content, AsnEncodingRules.DER, out start, out length, out _);
            var identifier = content.Slice(start, length);
            var algorithm = AsnDecoder.ReadObjectIdentifier(identifier, AsnEncodingRules.DER, out consumed);
            switch (algorithm)
            {
                case EllipticCurve when AsnDecoder.ReadObjectIdentifier(identifier[consumed..], AsnEncodingRules.DER, out _) == NistP256:
                    return TokenAlgorithm.ES256;
                case Rsa:
                    return TokenAlgorithm.RS256;
                case Ed25519:
                    return TokenAlgorithm.EdDSA;
                default:
                    throw new CryptographicException("A token key is an RSA, P-256 or Ed25519 private key, or a secret of 32 bytes.");
            }
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException("A token key is a private key in PKCS#8 or a secret of 32 bytes.", e);
        }
    }
}
