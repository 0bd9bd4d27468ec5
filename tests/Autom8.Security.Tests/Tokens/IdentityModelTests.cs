using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using FsCheck;
using FsCheck.Xunit;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Autom8.Security.Tests.Tokens;

/// <summary>Against Microsoft.IdentityModel: what we issue it accepts, what it issues with our key we accept, and what both must refuse both do. It has no EdDSA.</summary>
public sealed class IdentityModelTests
{
    private static readonly Dictionary<TokenAlgorithm, Forge> Forges = new()
    {
        [TokenAlgorithm.ES256] = new Forge(),
        [TokenAlgorithm.RS256] = new Forge(TokenAlgorithm.RS256),
        [TokenAlgorithm.HS256] = new Forge(TokenAlgorithm.HS256),
    };

    public static TheoryData<TokenAlgorithm> Algorithms => [.. Forges.Keys];

    [Fact]
    public async Task It_accepts_our_tokens_with_nothing_but_our_key_set()
    {
        var forge = Forges[TokenAlgorithm.ES256];
        var rotated = Keyrings.Rotated(forge.Keyring, KeyPurpose.TokenSigning);
        var set = new Microsoft.IdentityModel.Tokens.JsonWebKeySet(
            Encoding.UTF8.GetString(Autom8.Security.Tokens.JsonWebKeySet.Write(rotated))
        );
        Assert.Equal(2, set.Keys.Count);
        foreach (var keyring in new[] { forge.Keyring, rotated })
        {
            var token = new TokenIssuer(keyring, forge.Options, forge.Time).Issue(new TokenRequest("alice")).Token;
            var result = await Validate(forge, token, set.GetSigningKeys());
            Assert.True(result.IsValid, result.Exception?.Message);
            Assert.Equal("alice", result.Claims["sub"]);
        }
    }

    [Property(MaxTest = 25)]
    public async Task It_reads_in_our_tokens_what_we_put_there(PositiveInt seed)
    {
        var request = Request(new System.Random(seed.Get));
        foreach (var forge in Forges.Values)
        {
            var result = await Validate(forge, forge.Issuer.Issue(request).Token);
            Assert.True(result.IsValid, result.Exception?.Message);
            var token = (JsonWebToken)result.SecurityToken;
            Assert.Equal(request.Subject, token.Subject);
            Assert.All(request.Claims, claim => Assert.Equal(claim.Value, token.GetPayloadValue<string>(claim.Key)));
            Assert.Equal(request.Roles, request.Roles.Count == 0 ? [] : token.GetPayloadValue<string[]>("roles"));
        }
    }

    [Property(MaxTest = 25)]
    public void We_read_in_its_tokens_what_it_put_there(PositiveInt seed)
    {
        var request = Request(new System.Random(seed.Get));
        foreach (var forge in Forges.Values)
        {
            Assert.Equal(TokenStatus.Valid, forge.Validator.Validate(Issue(forge, request), out var token));
            Assert.Equal((request.Subject, "1"), (token.Subject, token.Id));
            Assert.Equal(request.Roles, token.Roles);
            Assert.Equal(request.Scopes, token.Scopes);
            foreach (var (name, value) in request.Claims)
            {
                Assert.True(token.TryGetClaim(name, out var read));
                Assert.Equal(value, read);
            }
        }
    }

    /// <summary>One character of a good token changed to another: neither accepts what the other refuses, but for the stray bits that it ignores.</summary>
    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Both_refuse_a_token_with_a_character_changed(TokenAlgorithm algorithm)
    {
        var forge = Forges[algorithm];
        var token = forge.Issuer.Issue(new TokenRequest("alice")).Token;
        var random = new System.Random(7);
        for (var i = 0; i < 60; i++)
        {
            var changed = token.ToCharArray();
            var at = random.Next(changed.Length - 1);
            changed[at] = random.GetItems<char>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", 1)[0];
            var text = new string(changed);
            var isSame = text == token;
            Assert.Equal(isSame, forge.Validate(text) == TokenStatus.Valid);
            Assert.Equal(isSame, (await Validate(forge, text)).IsValid);
        }
    }

    public static TheoryData<string> Refused =>
        [
            "iss of another",
            "aud of another",
            "aud a list of others",
            "iss missing",
            "aud missing",
            "exp missing",
            "expired",
            "nbf in the future",
            "typ JWT: an identity token",
            "typ missing",
            "alg none, signed",
            "alg none, no signature",
            "alg missing",
            "signature missing",
            "signature of zeros",
            "signature of another token",
            "signed by another keyring",
            "signed by another keyring under our kid",
            "payload changed",
            "payload a text",
            "header not JSON",
            "two parts",
            "four parts",
            "five parts, encrypted",
            "dots alone",
            "empty payload",
        ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Both_refuse_what_is_clearly_invalid(string attack)
    {
        foreach (var forge in Forges.Values)
        {
            var token = TokenAttackTests.Attack(attack, forge);
            Assert.NotEqual(TokenStatus.Valid, forge.Validate(token));
            Assert.False((await Validate(forge, token)).IsValid);
        }
    }

    private static TokenRequest Request(System.Random random)
    {
        return new TokenRequest(Text(1, 40))
        {
            Roles = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Text(1, 20))],
            Scopes = [.. Enumerable.Range(0, random.Next(4)).Select(i => $"s{i}." + Text(0, 8).Replace(' ', '_'))],
            Claims = Enumerable
                .Range(0, random.Next(6))
                .ToDictionary(i => $"x{i}" + (random.Next(2) == 0 ? "!#'()*+,-./:;<=>?@[]^_`{|}~" : ""), _ => Text(0, 30)),
        };

        // Not of digits alone, which the other library might take for a number or a time.
        string Text(int least, int most) =>
            string.Concat(
                Enumerable
                    .Range(0, random.Next(least, most + 1))
                    .Select(_ =>
                        random.GetItems<string>(
                            ["a", "Z", "\"", "\\", "/", "<", "&", "'", "+", "é", "ß", "中", "👩", "\u200D", "؀", "q\u0301"],
                            1
                        )[0]
                    )
            );
    }

    private static string Issue(Forge forge, TokenRequest request)
    {
        var payload = new Dictionary<string, object>
        {
            ["iss"] = "autom8",
            ["aud"] = "autom8-api",
            ["sub"] = request.Subject,
            ["jti"] = "1",
            ["iat"] = forge.Now,
            ["nbf"] = forge.Now,
            ["exp"] = forge.Now + 600,
            ["roles"] = request.Roles,
            ["scope"] = string.Join(' ', request.Scopes),
        };
        foreach (var (name, value) in request.Claims)
        {
            payload.Add(name, value);
        }

        var descriptor = new SecurityTokenDescriptor
        {
            Claims = payload,
            TokenType = "at+jwt",
            SigningCredentials = new SigningCredentials(Key(forge), forge.Algorithm),
        };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    private static Task<TokenValidationResult> Validate(Forge forge, string token, IEnumerable<SecurityKey>? keys = null) =>
        new JsonWebTokenHandler().ValidateTokenAsync(
            token,
            new TokenValidationParameters
            {
                ValidIssuer = "autom8",
                ValidAudience = "autom8-api",
                ValidTypes = ["at+jwt"],
                ValidAlgorithms = [forge.Algorithm],
                IssuerSigningKeys = keys ?? [Key(forge)],
                TryAllIssuerSigningKeys = false,
                LifetimeValidator = (notBefore, expires, _, _) => notBefore <= forge.Time.GetUtcNow() && expires > forge.Time.GetUtcNow(),
            }
        );

    private static SecurityKey Key(Forge forge)
    {
        var material = forge.Keyring.Active(KeyPurpose.TokenSigning).Material;
        if (forge.Algorithm == "HS256")
        {
            return new SymmetricSecurityKey(material.ToArray()) { KeyId = forge.Kid };
        }

        if (forge.Algorithm == "RS256")
        {
            var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(material, out _);
            return new RsaSecurityKey(rsa) { KeyId = forge.Kid };
        }

        var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(material, out _);
        return new ECDsaSecurityKey(ecdsa) { KeyId = forge.Kid };
    }
}
