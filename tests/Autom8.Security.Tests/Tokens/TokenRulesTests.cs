using System.Buffers.Text;
using System.Reflection;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;

namespace Autom8.Security.Tests.Tokens;

/// <summary>The rules for tokens, at their bounds. What breaks one is in <see cref="TokenAttackTests"/> and <see cref="AlgorithmAttackTests"/>; the memory of verified tokens has tests of its own.</summary>
public sealed class TokenRulesTests
{
    private readonly Forge _forge = new(TokenAlgorithm.HS256);

    [Fact]
    public void Algorithm_none_cannot_be_said() =>
        Assert.Equal(
            ["ES256", "RS256", "EdDSA", "HS256"],
            Enum.GetNames<TokenAlgorithm>().OrderBy(name => (int)Enum.Parse<TokenAlgorithm>(name))
        );

    [Theory]
    [InlineData(21)]
    [InlineData(23)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(5000)]
    public void Kid_of_another_length_is_unknown(int length)
    {
        var kid = _forge.Kid.PadRight(length, 'A')[..length];
        Assert.Equal(
            TokenStatus.UnknownKey,
            _forge.Validate(_forge.Token(_forge.Header.Replace(_forge.Kid, kid, StringComparison.Ordinal)))
        );
    }

    [Theory]
    [InlineData("é")]
    [InlineData("+")]
    [InlineData("%41")]
    [InlineData("\\u0041")]
    [InlineData("\\u0000")]
    [InlineData(" ")]
    public void Kid_with_a_character_that_is_not_of_base64url_is_unknown(string character)
    {
        foreach (var kid in new[] { character + _forge.Kid[1..], _forge.Kid[..^1] + character, _forge.Kid + character })
        {
            Assert.Equal(
                TokenStatus.UnknownKey,
                _forge.Validate(_forge.Token(_forge.Header.Replace(_forge.Kid, kid, StringComparison.Ordinal)))
            );
        }
    }

    [Fact]
    public void Kid_is_compared_whole_escaped_or_not()
    {
        var escaped = $"\\u{(int)_forge.Kid[0]:x4}" + _forge.Kid[1..];
        Assert.Equal(
            TokenStatus.UnknownKey,
            _forge.Validate(_forge.Token(_forge.Header.Replace(_forge.Kid, escaped, StringComparison.Ordinal)))
        );
    }

    [Theory]
    [InlineData("\"jku\":\"http://127.0.0.1:1/keys\"")]
    [InlineData("\"x5u\":\"file:///etc/passwd\"")]
    [InlineData("\"x5c\":[\"MIIB\"]")]
    [InlineData("\"x5t\":\"AAAA\",\"x5t#S256\":\"AAAA\"")]
    [InlineData("\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}")]
    public void What_points_to_a_key_is_ignored(string member)
    {
        var header = _forge.Header[..^1] + "," + member + "}";
        Assert.Equal(TokenStatus.Valid, _forge.Validate(_forge.Token(header)));
        Assert.Equal(TokenStatus.BadSignature, _forge.Validate(_forge.Hmac(header, [0, 0, 0])));
        Assert.Equal(TokenStatus.BadSignature, _forge.Validate(_forge.Other().Token(header)));
    }

    [Fact]
    public void A_token_within_a_token_is_refused()
    {
        var header = _forge.Header[..^1] + ",\"cty\":\"JWT\"}";
        Assert.Equal(TokenStatus.Malformed, _forge.Validate(_forge.Token(header, _forge.Token())));
    }

    [Theory]
    [InlineData("""{"alg":"dir","enc":"A256GCM","typ":"at+jwt","kid":"{kid}"}""")]
    [InlineData("""{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":2000000000,"p2s":"AAAA","kid":"{kid}"}""")]
    [InlineData("""{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF","kid":"{kid}"}""")]
    public void An_encrypted_token_is_refused_unread(string header)
    {
        var first = Base64Url.EncodeToString(Forge.Bytes(header.Replace("{kid}", _forge.Kid, StringComparison.Ordinal)));
        Assert.Equal(TokenStatus.Malformed, _forge.Validate($"{first}.AAAA.AAAA.AAAA.AAAA"));
    }

    [Fact]
    public void The_largest_token_has_8192_characters()
    {
        var (largest, one) = (TokenOf(8192), TokenOf(8193));
        Assert.Equal(TokenStatus.Valid, _forge.Validate(largest));
        Assert.Equal(TokenStatus.TooLarge, _forge.Validate(one));
        Assert.Equal(TokenStatus.TooLarge, _forge.Validator.Read(one, [], out _)); // nothing was looked at
        Assert.Throws<ArgumentException>(() => _forge.Validator.Read(largest, new byte[8191], out _));
        Assert.Equal(TokenStatus.Valid, _forge.Validator.Read(largest, new byte[8192], out _));

        string TokenOf(int length)
        {
            // Base64 has no text of 4n + 1 characters: the space goes to the header, too, until it comes out.
            for (var space = 0; space < 4; space++)
            {
                var header = "{" + new string(' ', space) + _forge.Header[1..];
                for (var filler = 5500; filler < 6200; filler++)
                {
                    var token = _forge.Token(header, Forge.Payload[..^1] + $",\"x\":\"{new string('x', filler)}\"}}");
                    if (token.Length >= length)
                    {
                        if (token.Length == length)
                        {
                            return token;
                        }

                        break;
                    }
                }
            }

            throw new InvalidOperationException($"There is no token of {length} characters.");
        }
    }

    [Theory]
    [InlineData(86_400, TokenStatus.Valid)]
    [InlineData(86_401, TokenStatus.InvalidClaim)]
    [InlineData(1, TokenStatus.Valid)]
    [InlineData(0, TokenStatus.InvalidClaim)]
    public void It_lives_for_a_day_at_most(int seconds, TokenStatus expected) =>
        Assert.Equal(
            expected,
            _forge.Validate(_forge.Token(payload: Forge.Payload.Replace("{end}", $"{_forge.Now + seconds}", StringComparison.Ordinal)))
        );

    [Theory]
    [InlineData(0, 599, TokenStatus.Valid)]
    [InlineData(0, 600, TokenStatus.Expired)]
    [InlineData(30, 629, TokenStatus.Valid)]
    [InlineData(30, 630, TokenStatus.Expired)]
    [InlineData(0, -1, TokenStatus.NotYetValid)]
    [InlineData(30, -30, TokenStatus.Valid)]
    [InlineData(30, -31, TokenStatus.NotYetValid)]
    public void The_skew_is_what_the_setting_says(int skew, int seconds, TokenStatus expected)
    {
        _forge.Options.ClockSkew = TimeSpan.FromSeconds(skew);
        var later = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Keyrings.Start.AddSeconds(seconds));
        Assert.Equal(expected, new TokenValidator(_forge.Keyring, _forge.Options, later).Validate(_forge.Token(), out _));
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("jwt")]
    [InlineData("rt+jwt")]
    [InlineData("refresh+jwt")]
    [InlineData("dpop+jwt")]
    [InlineData("AT+JWT")]
    [InlineData("application/at+jwt")]
    [InlineData("at+jwt ")]
    [InlineData("at+jwt\\u0000")]
    [InlineData("")]
    public void Typ_is_that_of_an_access_token_exactly(string type) =>
        Assert.Equal(TokenStatus.WrongType, _forge.Validate(_forge.Token(_forge.Header.Replace("at+jwt", type, StringComparison.Ordinal))));

    [Fact]
    public void Whatever_is_wrong_with_a_token_it_says_the_same_which_is_nothing()
    {
        foreach (var attack in TokenAttackTests.Names(TokenAlgorithm.HS256))
        {
            var token = TokenAttackTests.Attack(attack, _forge);
            Assert.NotEqual(TokenStatus.Valid, _forge.Validator.Validate(token, out var validated));
            Assert.Equal(default, validated);
            Assert.NotEqual(TokenStatus.Valid, _forge.Validator.Read(token, new byte[8192], out var reading));
            Assert.True(reading.Payload.IsEmpty);
            Assert.Equal((default, default, default), (reading.KeyId, reading.IssuedAt, reading.ExpiresAt));
        }

        Assert.Throws<InvalidOperationException>(() => default(TokenReading).ToToken());
    }

    [Fact]
    public void Two_subjects_never_become_one_because_they_cannot_be_encoded()
    {
        foreach (var text in new[] { "a\uD800", "\uDC00a", "\uDC00\uD800" })
        {
            var claims = new Dictionary<string, string> { ["x"] = text };
            TokenRequest[] refused = [new(text), new("a") { Roles = [text] }, new("a") { Scopes = [text] }, new("a") { Claims = claims }];
            Assert.All(refused, request => Assert.Throws<ArgumentException>(() => _forge.Issuer.Issue(request)));
            Assert.Single(new TokenOptions { Issuer = text }.Problems());
        }

        Assert.Equal(TokenStatus.Valid, _forge.Validate(_forge.Issuer.Issue(new TokenRequest("\U0001F469\uFFFD")).Token));
    }

    /// <summary>However the characters of a subject are written, they are counted as characters.</summary>
    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("中")]
    [InlineData("\\u0041")]
    [InlineData("\\u00e9")]
    [InlineData("\\/")]
    public void A_subject_has_256_characters_at_most(string character)
    {
        Assert.Equal(TokenStatus.Valid, Of(256));
        Assert.Equal(TokenStatus.InvalidClaim, Of(257));
        Assert.Equal(TokenStatus.InvalidClaim, Of(0));

        TokenStatus Of(int count) =>
            _forge.Validate(
                _forge.Token(
                    payload: Forge.Payload.Replace("alice", string.Concat(Enumerable.Repeat(character, count)), StringComparison.Ordinal)
                )
            );
    }

    [Fact]
    public void No_text_form_of_what_holds_a_secret_shows_it()
    {
        var key = _forge.Keyring.Active(KeyPurpose.TokenSigning);
        var issued = _forge.Issuer.Issue(new TokenRequest("alice"));
        _forge.Validator.Validate(issued.Token, out var validated);
        object[] holders = [key, _forge.Keyring, _forge.Key, issued, validated, _forge.Validator, _forge.Issuer];
        string[] secrets =
        [
            Convert.ToHexString(key.Material),
            Convert.ToBase64String(key.Material)[..20],
            Base64Url.EncodeToString(key.Material)[..20],
            issued.Token.Split('.')[2],
            "alice",
        ];
        foreach (var holder in holders)
        {
            Assert.DoesNotContain(secrets, secret => holder.ToString()!.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }

        Assert.Contains(key.Id.ToString(), key.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(
            typeof(KeyringKey).GetProperties(BindingFlags.Public | BindingFlags.Instance),
            property => property.PropertyType == typeof(byte[])
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    public void Every_name_that_a_claim_may_have_comes_through(int offset)
    {
        var names = string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c is not ('"' or '\\')));
        var request = new TokenRequest("alice") { Claims = new Dictionary<string, string> { [names[offset..]] = names } };
        Assert.Equal(TokenStatus.Valid, _forge.Validator.Validate(_forge.Issuer.Issue(request).Token, out var token));
        Assert.True(token.TryGetClaim(names[offset..], out var value));
        Assert.Equal(names, value);
    }
}
