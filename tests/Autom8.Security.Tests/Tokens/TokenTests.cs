using System.Text;
using System.Text.Json;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Tokens;

public sealed class TokenTests
{
    private readonly Forge _forge = new();

    [Fact]
    public void What_was_issued_validates_and_says_what_was_asked_for()
    {
        var request = new TokenRequest("alice")
        {
            Roles = ["admin", "operator"],
            Scopes = ["contacts.read", "tasks.run"],
            Claims = new Dictionary<string, string> { ["tenant"] = "Zoë \"&<>\"" },
        };
        var issued = _forge.Issuer.Issue(request);
        Assert.Equal(TokenStatus.Valid, _forge.Validator.Validate(issued.Token, out var token));
        Assert.Equal(("alice", issued.Id, _forge.Kid), (token.Subject, token.Id, token.KeyId.ToString()));
        Assert.Equal(request.Roles, token.Roles);
        Assert.Equal(request.Scopes, token.Scopes);
        Assert.True(token.TryGetClaim("tenant", out var tenant));
        Assert.Equal("Zoë \"&<>\"", tenant);
        Assert.False(token.TryGetClaim("sub", out _));
        Assert.Equal(Keyrings.Start, token.IssuedAt);
        Assert.Equal(Keyrings.Start.AddMinutes(10), token.ExpiresAt);
        Assert.Equal(issued.ExpiresAt, token.ExpiresAt);
    }

    [Fact]
    public void Two_tokens_are_never_the_same()
    {
        var (first, second) = (_forge.Issuer.Issue(new TokenRequest("alice")), _forge.Issuer.Issue(new TokenRequest("alice")));
        Assert.NotEqual(first.Id, second.Id);
        Assert.NotEqual(first.Token, second.Token);
    }

    [Fact]
    public void A_refused_token_says_nothing()
    {
        Assert.Equal(TokenStatus.Malformed, _forge.Validator.Validate("x", out var token));
        Assert.Equal(("", "", default), (token.Subject, token.Id, token.ExpiresAt));
        Assert.Empty(token.Roles);
        Assert.Empty(token.Scopes);
        Assert.False(token.TryGetClaim("sub", out _));
    }

    [Fact]
    public void A_token_ends_on_the_second_plus_the_skew()
    {
        var token = _forge.Issuer.Issue(new TokenRequest("alice")).Token;
        _forge.Time.Advance(TimeSpan.FromSeconds(629));
        Assert.Equal(TokenStatus.Valid, _forge.Validate(token));
        _forge.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TokenStatus.Expired, _forge.Validate(token));
    }

    [Fact]
    public void A_token_from_a_node_whose_clock_is_ahead_is_accepted_within_the_skew_only()
    {
        var ahead = new TokenIssuer(
            _forge.Keyring,
            _forge.Options,
            new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Keyrings.Start.AddSeconds(31))
        );
        var token = ahead.Issue(new TokenRequest("alice")).Token;
        Assert.Equal(TokenStatus.NotYetValid, _forge.Validate(token));
        _forge.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TokenStatus.Valid, _forge.Validate(token));
    }

    [Theory]
    [InlineData(KeyState.Pending, TokenStatus.Valid)]
    [InlineData(KeyState.VerifyOnly, TokenStatus.Valid)]
    [InlineData(KeyState.Retired, TokenStatus.UnknownKey)]
    [InlineData(KeyState.Destroyed, TokenStatus.UnknownKey)]
    public void After_a_rotation_a_token_is_good_as_long_as_its_key_lives(KeyState state, TokenStatus expected)
    {
        var token = _forge.Issuer.Issue(new TokenRequest("alice")).Token;
        var rotated = Keyrings.Rotated(_forge.Keyring, KeyPurpose.TokenSigning, state);
        Assert.Equal(expected, new TokenValidator(rotated, _forge.Options, _forge.Time).Validate(token, out _));
        var fresh = new TokenIssuer(rotated, _forge.Options, _forge.Time).Issue(new TokenRequest("alice")).Token;
        Assert.Equal(TokenStatus.UnknownKey, _forge.Validate(fresh));
    }

    [Fact]
    public void What_cannot_be_issued_is_refused()
    {
        var issuer = _forge.Issuer;
        TokenRequest[] refused =
        [
            new(""),
            new(new string('x', 257)),
            new("a\nb"),
            new("a") { Roles = [""] },
            new("a") { Scopes = ["a b"] },
            new("a") { Claims = new Dictionary<string, string> { ["sub"] = "mallory" } },
            new("a") { Claims = new Dictionary<string, string> { ["big"] = new('x', 8000) } },
            new("a") { Claims = Enumerable.Range(0, 60).ToDictionary(i => $"c{i}", _ => "") },
            new("a") { Lifetime = TimeSpan.FromMinutes(11) },
            new("a") { Lifetime = TimeSpan.Zero },
        ];
        Assert.All(refused, request => Assert.Throws<ArgumentException>(() => issuer.Issue(request)));
    }

    [Fact]
    public void The_largest_set_of_claims_that_can_be_issued_validates()
    {
        var request = new TokenRequest("a")
        {
            Roles = ["r"],
            Scopes = ["s"],
            Claims = Enumerable.Range(0, 55).ToDictionary(i => $"c{i}", _ => new string('x', 80)),
        };
        Assert.Equal(TokenStatus.Valid, _forge.Validate(_forge.Issuer.Issue(request).Token));
    }

    [Fact]
    public void No_text_form_shows_a_token()
    {
        var issued = _forge.Issuer.Issue(new TokenRequest("alice"));
        Assert.DoesNotContain(issued.Token[..20], issued.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_set_holds_the_public_half_of_live_keys_only()
    {
        var rotated = Keyrings.Rotated(_forge.Keyring, KeyPurpose.TokenSigning, KeyState.Retired);
        using var set = JsonDocument.Parse(JsonWebKeySet.Write(rotated));
        var key = Assert.Single(set.RootElement.GetProperty("keys").EnumerateArray());
        Assert.Equal(rotated.Active(KeyPurpose.TokenSigning).Id.ToString(), key.GetProperty("kid").GetString());
        Assert.False(key.TryGetProperty("d", out _));
    }

    [Property(MaxTest = 1000)]
    public void A_token_with_anything_changed_never_validates(PositiveInt seed, byte edits)
    {
        var good = _forge.Token();
        var random = new System.Random(seed.Get);
        var text = new StringBuilder(good);
        for (var i = 0; i <= edits % 4; i++)
        {
            var at = random.Next(text.Length);
            var c =
                random.Next(4) == 0
                    ? (char)random.Next(1, 0xFFFF)
                    : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."[random.Next(65)];
            switch (random.Next(4))
            {
                case 0:
                    text.Remove(at, 1);
                    break;
                case 1:
                    text.Insert(at, c);
                    break;
                case 2:
                    (text[at], text[random.Next(text.Length)]) = (text[random.Next(text.Length)], text[at]);
                    break;
                default:
                    text[at] = c;
                    break;
            }
        }

        var mutated = text.ToString();
        Assert.Equal(mutated == good, _forge.Validate(mutated) == TokenStatus.Valid);
    }

    [Property]
    public void Arbitrary_text_is_refused_without_an_exception(NonNull<string> text)
    {
        Assert.NotEqual(TokenStatus.Valid, _forge.Validate(text.Get));
        Assert.NotEqual(TokenStatus.Valid, _forge.Validate(_forge.Token(text.Get)));
    }

    [Property]
    public void Arbitrary_claims_under_a_good_signature_are_refused_without_an_exception(NonNull<string> text) =>
        Assert.NotEqual(TokenStatus.Valid, _forge.Validate(_forge.Token(payload: "{\"a\":" + text.Get + "}")));

    [Fact]
    public async Task Many_threads_may_share_issuer_and_validator()
    {
        var (issuer, validator) = (_forge.Issuer, _forge.Validator);
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(n =>
                    Task.Run(() =>
                    {
                        for (var i = 0; i < 100; i++)
                        {
                            Assert.Equal(
                                TokenStatus.Valid,
                                validator.Validate(issuer.Issue(new TokenRequest($"{n}-{i}")).Token, out var token)
                            );
                            Assert.Equal($"{n}-{i}", token.Subject);
                        }
                    })
                )
        );
    }

    [Fact]
    public void A_setting_that_is_wrong_is_named()
    {
        var options = new TokenOptions
        {
            Issuer = "",
            Audience = "a\nb",
            AccessLifetime = TimeSpan.FromDays(2),
            ClockSkew = TimeSpan.FromMinutes(6),
        };
        Assert.Equal(
            ["Issuer", "Audience", "AccessLifetime", "ClockSkew"],
            options.Problems().Select(problem => problem.Split(':', ' ')[3])
        );
        Assert.Empty(new TokenOptions().Problems());
    }
}
