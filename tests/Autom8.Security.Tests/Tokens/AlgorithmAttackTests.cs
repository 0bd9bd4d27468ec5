using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Autom8.Security.Tokens.Signatures;

namespace Autom8.Security.Tests.Tokens;

/// <summary>One algorithm taken for another, and signatures that are almost right.</summary>
public sealed class AlgorithmAttackTests
{
    public static TheoryData<TokenAlgorithm> All => [.. Enum.GetValues<TokenAlgorithm>()];

    [Theory]
    [InlineData("PS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("RSA1_5")]
    public void An_RSA_key_for_RS256_has_no_other_algorithm(string algorithm)
    {
        var forge = new Forge(TokenAlgorithm.RS256);
        Assert.Equal(TokenStatus.WrongAlgorithm, forge.Validate(forge.Token(forge.HeaderOf(algorithm))));
    }

    [Fact]
    public void A_signature_by_another_scheme_of_RSA_is_none()
    {
        var forge = new Forge(TokenAlgorithm.RS256);
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(forge.Keyring.Active(KeyPurpose.TokenSigning).Material, out _);
        Assert.Equal(TokenStatus.Valid, Signed("RS256", HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Equal(TokenStatus.BadSignature, Signed("RS256", HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        Assert.Equal(TokenStatus.WrongAlgorithm, Signed("PS256", HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        Assert.Equal(TokenStatus.BadSignature, Signed("RS256", HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1));
        Assert.Equal(TokenStatus.BadSignature, Signed("RS256", HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1));

        TokenStatus Signed(string algorithm, HashAlgorithmName hash, RSASignaturePadding padding)
        {
            var input = forge.Unsigned(forge.HeaderOf(algorithm))[..^1];
            return forge.Validate(input + "." + Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(input), hash, padding)));
        }
    }

    [Theory]
    [InlineData(TokenAlgorithm.ES256)]
    [InlineData(TokenAlgorithm.RS256)]
    [InlineData(TokenAlgorithm.EdDSA)]
    public void A_public_key_is_no_secret_of_an_HMAC_in_whatever_form(TokenAlgorithm algorithm)
    {
        var forge = new Forge(algorithm);
        using var set = JsonDocument.Parse(JsonWebKeySet.Write(forge.Keyring));
        var jwk = set.RootElement.GetProperty("keys")[0];
        var raw = Base64Url.DecodeFromChars(jwk.GetProperty(algorithm == TokenAlgorithm.RS256 ? "n" : "x").GetString());
        var spki = PublicKey(algorithm, forge.Keyring.Active(KeyPurpose.TokenSigning).Material, raw);
        var pem = PemEncoding.WriteString("PUBLIC KEY", spki);
        byte[][] secrets =
        [
            raw,
            spki,
            Forge.Bytes(pem),
            Forge.Bytes(pem + "\n"),
            Forge.Bytes(jwk.GetRawText()),
            JsonWebKeySet.Write(forge.Keyring),
            [],
        ];
        foreach (var secret in secrets)
        {
            Assert.Equal(TokenStatus.WrongAlgorithm, forge.Validate(forge.Hmac(forge.HeaderOf("HS256"), secret)));
            Assert.Equal(TokenStatus.BadSignature, forge.Validate(forge.Hmac(forge.Header, secret)));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_asymmetric_header_on_an_HMAC_key_is_refused(TokenAlgorithm algorithm)
    {
        var forge = new Forge(TokenAlgorithm.HS256);
        Assert.Equal(
            algorithm == TokenAlgorithm.HS256 ? TokenStatus.Valid : TokenStatus.WrongAlgorithm,
            forge.Validate(forge.Token(forge.HeaderOf(algorithm.ToString())))
        );
    }

    [Fact]
    public void Of_keys_of_several_algorithms_each_verifies_its_own_tokens_only()
    {
        var forge = new Forge();
        var keyring = Keyrings.OfEveryAlgorithm();
        var validator = new TokenValidator(keyring, forge.Options, forge.Time);
        var keys = TokenKeys.Of(keyring).Live;
        Assert.Equal(4, keys.Select(key => key.Algorithm).Distinct().Count());
        foreach (var signer in keys)
        {
            foreach (var named in keys)
            {
                var expected = signer.SignatureLength > named.SignatureLength ? TokenStatus.Malformed : TokenStatus.BadSignature;
                Assert.Equal(signer == named ? TokenStatus.Valid : expected, Validate(signer, named.Algorithm, named.Id));
                if (signer != named)
                {
                    Assert.Equal(TokenStatus.WrongAlgorithm, Validate(signer, signer.Algorithm, named.Id));
                    Assert.Equal(TokenStatus.WrongAlgorithm, Validate(signer, named.Algorithm, signer.Id));
                }
            }
        }

        TokenStatus Validate(TokenKey signer, string algorithm, KeyId id)
        {
            var input = forge.Unsigned($$"""{"alg":"{{algorithm}}","typ":"at+jwt","kid":"{{id}}"}""")[..^1];
            var signature = new byte[signer.SignatureLength];
            signer.Sign(Encoding.ASCII.GetBytes(input), signature);
            return validator.Validate(input + "." + Base64Url.EncodeToString(signature), out _);
        }
    }

    [Fact]
    public void The_key_set_shows_no_secret_of_an_HMAC()
    {
        using var set = JsonDocument.Parse(JsonWebKeySet.Write(Keyrings.OfEveryAlgorithm()));
        var keys = set.RootElement.GetProperty("keys").EnumerateArray().ToList();
        Assert.Equal(["ES256", "EdDSA", "RS256"], keys.Select(key => key.GetProperty("alg").GetString()).Order(StringComparer.Ordinal));
        string[] secret = ["d", "p", "q", "dp", "dq", "qi", "k"];
        Assert.DoesNotContain(keys, key => secret.Any(name => key.TryGetProperty(name, out _)));
        using var empty = JsonDocument.Parse(JsonWebKeySet.Write(Keyrings.New(TokenAlgorithm.HS256)));
        Assert.Empty(empty.RootElement.GetProperty("keys").EnumerateArray());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_signature_of_another_length_is_refused(TokenAlgorithm algorithm)
    {
        var forge = new Forge(algorithm);
        var token = forge.Token();
        var signature = Base64Url.DecodeFromChars(token.Split('.')[2]);
        Assert.Equal(forge.Key.SignatureLength, signature.Length);
        for (var length = 0; length <= signature.Length + 8; length++)
        {
            if (length != signature.Length)
            {
                byte[] other = length < signature.Length ? signature[..length] : [.. signature, .. new byte[length - signature.Length]];
                var expected = length < signature.Length ? TokenStatus.BadSignature : TokenStatus.Malformed;
                Assert.Equal(expected, forge.Validate(forge.Unsigned() + Base64Url.EncodeToString(other)));
            }
        }

        Assert.Equal(TokenStatus.BadSignature, forge.Validate(forge.Unsigned() + Base64Url.EncodeToString([0, .. signature[..^1]])));
        Assert.Equal(TokenStatus.BadSignature, forge.Validate(forge.Unsigned() + Base64Url.EncodeToString([.. signature[1..], 0])));
    }

    /// <summary>RFC 8032, section 5.1.7: S is below the order of the group, so that nobody makes a second signature of a first.</summary>
    [Fact]
    public void The_S_of_Ed25519_is_reduced()
    {
        var forge = new Forge(TokenAlgorithm.EdDSA);
        var signature = Base64Url.DecodeFromChars(forge.Token().Split('.')[2]);
        var order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        s.TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true);
        Assert.Equal(TokenStatus.BadSignature, forge.Validate(forge.Unsigned() + Base64Url.EncodeToString(signature)));
    }

    /// <summary>CVE-2022-21449: r and s are 1 to the order of the curve, less one.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(2, 2)]
    [InlineData(2, 0)]
    [InlineData(1, 2)]
    public void The_numbers_of_ES256_are_in_range(int r, int s)
    {
        byte[][] numbers =
        [
            new byte[32],
            [.. new byte[31], 1],
            Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
        ];
        var forge = new Forge();
        var signature = Base64Url.EncodeToString([.. numbers[r], .. numbers[s]]);
        Assert.Equal(TokenStatus.BadSignature, forge.Validate(forge.Unsigned() + signature));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_was_issued_validates_by_every_algorithm(TokenAlgorithm algorithm)
    {
        var forge = new Forge(algorithm);
        var issued = forge.Issuer.Issue(new TokenRequest("alice") { Roles = ["admin"] });
        Assert.Equal(TokenStatus.Valid, forge.Validator.Validate(issued.Token, out var token));
        Assert.Equal(("alice", issued.Id, forge.Kid), (token.Subject, token.Id, token.KeyId.ToString()));
        var buffer = new byte[issued.Token.Length];
        Assert.Equal(TokenStatus.Valid, forge.Validator.Read(issued.Token, buffer, out var reading));
        Assert.Equal(token.Subject, reading.ToToken().Subject);
        Assert.Contains(
            $"\"alg\":\"{algorithm}\"",
            Encoding.UTF8.GetString(Base64Url.DecodeFromChars(issued.Token.Split('.')[0])),
            StringComparison.Ordinal
        );
    }

    private static byte[] PublicKey(TokenAlgorithm algorithm, ReadOnlySpan<byte> material, byte[] raw)
    {
        if (algorithm == TokenAlgorithm.EdDSA)
        {
            return [.. Convert.FromHexString("302A300506032B6570032100"), .. raw];
        }

        using AsymmetricAlgorithm key = algorithm == TokenAlgorithm.RS256 ? RSA.Create() : ECDsa.Create();
        key.ImportPkcs8PrivateKey(material, out _);
        return key.ExportSubjectPublicKeyInfo();
    }
}
