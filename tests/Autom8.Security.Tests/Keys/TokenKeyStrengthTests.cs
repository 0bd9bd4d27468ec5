using System.Formats.Asn1;
using System.Security.Cryptography;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Autom8.Security.Tokens.Signatures;

namespace Autom8.Security.Tests.Keys;

/// <summary>Keys that tokens may not be signed with are refused before they have signed one, and by name.</summary>
public sealed class TokenKeyStrengthTests
{
    public static TheoryData<string> Refused => [.. Weak.Keys];

    private static readonly Dictionary<string, Func<byte[]>> Weak = new()
    {
        ["nothing but a byte"] = () => [1],
        ["a secret of 16 bytes"] = () => RandomNumberGenerator.GetBytes(16),
        ["a secret of 31 bytes"] = () => RandomNumberGenerator.GetBytes(31),
        ["a secret of 33 bytes"] = () => [0, .. RandomNumberGenerator.GetBytes(32)],
        ["a secret of 64 bytes"] = () => [0, .. RandomNumberGenerator.GetBytes(63)],
        ["RSA of 1024 bits"] = () => Rsa(1024),
        ["RSA of 2040 bits"] = () => Rsa(2040),
        ["P-384"] = () => Curve(ECCurve.NamedCurves.nistP384),
        ["P-521"] = () => Curve(ECCurve.NamedCurves.nistP521),
        ["secp256k1"] = () => Curve(ECCurve.CreateFromValue("1.3.132.0.10")),
        ["P-256 by its numbers"] = () =>
        {
            using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var explicitly = ECDsa.Create(ecdsa.ExportExplicitParameters(includePrivateParameters: true));
            return explicitly.ExportPkcs8PrivateKey();
        },
        ["Ed448"] = () => [.. Convert.FromHexString("3047020100300506032B6571043B0439"), .. new byte[57]],
        ["X25519"] = () => [.. Convert.FromHexString("302E020100300506032B656E04220420"), .. RandomNumberGenerator.GetBytes(32)],
        ["a public key"] = () =>
        {
            using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return ecdsa.ExportSubjectPublicKeyInfo();
        },
        ["PEM"] = () =>
        {
            using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return System.Text.Encoding.ASCII.GetBytes(ecdsa.ExportPkcs8PrivateKeyPem());
        },
        ["ES256, cut off"] = () => Cut(TokenAlgorithm.ES256),
        ["EdDSA, cut off"] = () => Cut(TokenAlgorithm.EdDSA),
        ["RS256, cut off"] = () => Cut(TokenAlgorithm.RS256),
        ["ES256 without a number"] = () => Emptied(TokenAlgorithm.ES256),
        ["RS256 without numbers"] = () => Emptied(TokenAlgorithm.RS256),
        ["EdDSA without a seed"] = () => Emptied(TokenAlgorithm.EdDSA),
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Is_refused(string weak)
    {
        var material = Weak[weak]();
        Assert.ThrowsAny<CryptographicException>(() => TokenKey.Of(Key(material)));
        Assert.ThrowsAny<CryptographicException>(() => TokenKeys.Of(Keyrings.Signing(material)));
    }

    [Fact]
    public void The_secret_of_an_HMAC_is_as_long_as_the_hash() =>
        Assert.Contains(
            "32 bytes",
            Assert.Throws<CryptographicException>(() => new HmacTokenKey(Key(RandomNumberGenerator.GetBytes(31)))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_message_names_the_key_and_shows_nothing_of_it()
    {
        var key = Key(Rsa(1024));
        var message = Assert.Throws<CryptographicException>(() => TokenKey.Of(key)).Message;
        Assert.Contains(key.Id.ToString(), message, StringComparison.Ordinal);
        Assert.Contains("1024 bits; it must have 2048", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokenAlgorithm.ES256)]
    [InlineData(TokenAlgorithm.RS256)]
    [InlineData(TokenAlgorithm.EdDSA)]
    [InlineData(TokenAlgorithm.HS256)]
    public void What_is_generated_has_the_algorithm_that_was_asked_for(TokenAlgorithm algorithm)
    {
        var material = TokenKey.Generate(algorithm);
        Assert.Equal(algorithm, TokenKey.AlgorithmOf(material));
        var key = TokenKey.Of(Key(material));
        Assert.Equal(algorithm.ToString(), key.Algorithm);
        Assert.Equal(
            algorithm switch
            {
                TokenAlgorithm.RS256 => 384,
                TokenAlgorithm.HS256 => 32,
                _ => 64,
            },
            key.SignatureLength
        );
        Assert.NotEqual(material, TokenKey.Generate(algorithm == TokenAlgorithm.RS256 ? TokenAlgorithm.ES256 : algorithm));
    }

    [Fact]
    public void An_algorithm_that_is_not_defined_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenKey.Generate((TokenAlgorithm)4));

    private static KeyringKey Key(byte[] material) => KeyringKey.Create(KeyPurpose.TokenSigning, KeyState.Active, Keyrings.Start, material);

    private static byte[] Rsa(int bits)
    {
        using var rsa = RSA.Create(bits);
        return rsa.ExportPkcs8PrivateKey();
    }

    private static byte[] Curve(ECCurve curve)
    {
        using var ecdsa = ECDsa.Create(curve);
        return ecdsa.ExportPkcs8PrivateKey();
    }

    private static byte[] Cut(TokenAlgorithm algorithm) => Keyrings.New(algorithm).Active(KeyPurpose.TokenSigning).Material[..^1].ToArray();

    // The envelope names the algorithm as it should, and there is nothing in it.
    private static byte[] Emptied(TokenAlgorithm algorithm)
    {
        var material = Keyrings.New(algorithm).Active(KeyPurpose.TokenSigning).Material.ToArray();
        var outer = new AsnReader(material, AsnEncodingRules.DER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(outer.ReadEncodedValue().Span); // version
            writer.WriteEncodedValue(outer.ReadEncodedValue().Span); // algorithm
            writer.WriteOctetString([]);
        }

        return writer.Encode();
    }
}
