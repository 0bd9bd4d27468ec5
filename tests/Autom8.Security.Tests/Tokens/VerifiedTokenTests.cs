using Autom8.Security.Keys;
using Autom8.Security.Tokens;

namespace Autom8.Security.Tests.Tokens;

/// <summary>What the validator remembers, and what it looks at all the same. That a token was remembered shows in that the same content comes back.</summary>
public sealed class VerifiedTokenTests
{
    private const string WithRole =
        """{"iss":"autom8","aud":"autom8-api","sub":"alice","iat":{now},"nbf":{now},"exp":{end},"jti":"1","roles":["reader"]}""";

    private readonly Forge _forge = new(TokenAlgorithm.HS256);
    private readonly KeyringSwitch _keyrings;
    private readonly TokenValidator _validator;

    public VerifiedTokenTests()
    {
        _keyrings = new KeyringSwitch(_forge.Keyring);
        _validator = new TokenValidator(_keyrings, _forge.Options, _forge.Time);
    }

    [Fact]
    public void A_token_that_was_valid_is_not_verified_again()
    {
        var token = _forge.Token(payload: WithRole);
        Assert.Same(Validated(token).Roles, Validated(token).Roles);
        var other = _forge.Token(payload: WithRole.Replace("\"1\"", "\"2\"", StringComparison.Ordinal));
        Assert.NotSame(Validated(token).Roles, Validated(other).Roles);
    }

    [Fact]
    public void Nobody_who_was_handed_what_a_token_says_can_change_what_others_are_handed()
    {
        var issued = _forge.Issuer.Issue(new TokenRequest("alice") { Roles = ["reader"], Scopes = ["contacts.read"] });
        var token = Validated(issued.Token);
        Assert.All(
            [token.Roles, token.Scopes],
            texts =>
            {
                Assert.IsNotType<string[]>(texts);
                Assert.Throws<NotSupportedException>(() => ((IList<string>)texts)[0] = "admin");
            }
        );
        Assert.Equal(["reader"], Validated(issued.Token).Roles);
    }

    [Fact]
    public void What_is_read_without_being_kept_is_not_remembered()
    {
        var token = _forge.Token();
        Assert.Equal(TokenStatus.Valid, _validator.Read(token, new byte[8192], out _));
        _keyrings.Current = Keyrings.Rotated(_forge.Keyring, KeyPurpose.TokenSigning, KeyState.Retired);
        Assert.Equal(TokenStatus.UnknownKey, _validator.Validate(token, out _));
    }

    [Fact]
    public void A_token_that_was_refused_does_not_enter()
    {
        foreach (var attack in new[] { "payload changed", "expired", "aud of another", "typ JWT: an identity token", "signature of zeros" })
        {
            var token = TokenAttackTests.Attack(attack, _forge);
            var first = _validator.Validate(token, out _);
            Assert.NotEqual(TokenStatus.Valid, first);
            Assert.Equal(first, _validator.Validate(token, out var validated));
            Assert.Equal("", validated.Subject);
        }
    }

    [Fact]
    public void A_remembered_token_ends_on_the_same_tick_as_one_that_is_not()
    {
        var token = _forge.Token();
        Validated(token);
        _forge.Time.Advance(TimeSpan.FromSeconds(630) - TimeSpan.FromTicks(1));
        AssertBoth(TokenStatus.Valid, token);
        _forge.Time.Advance(TimeSpan.FromTicks(1));
        AssertBoth(TokenStatus.Expired, token);
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_a_remembered_token_not_yet_valid()
    {
        var token = _forge.Token();
        Validated(token);
        var back = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Keyrings.Start.AddHours(-1));
        var movable = new MovableTime(_forge.Time);
        var validator = new TokenValidator(_keyrings, _forge.Options, movable);
        Assert.Equal(TokenStatus.Valid, validator.Validate(token, out _));
        movable.Time = back;
        Assert.Equal(TokenStatus.NotYetValid, validator.Validate(token, out _));
        back.SetUtcNow(Keyrings.Start.AddSeconds(-30));
        Assert.Equal(TokenStatus.Valid, validator.Validate(token, out _));
        movable.Time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Keyrings.Start.AddSeconds(-30).AddTicks(-1));
        Assert.Equal(TokenStatus.NotYetValid, validator.Validate(token, out _));
    }

    [Fact]
    public void A_later_beginning_counts_on_a_hit_as_well()
    {
        var token = _forge.Token(payload: Forge.Payload.Replace("\"nbf\":{now}", $"\"nbf\":{_forge.Now + 20}", StringComparison.Ordinal));
        var movable = new MovableTime(_forge.Time);
        var validator = new TokenValidator(_keyrings, _forge.Options, movable);
        Assert.Equal(TokenStatus.Valid, validator.Validate(token, out _));
        movable.Time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Keyrings.Start.AddSeconds(-11));
        Assert.Equal(TokenStatus.NotYetValid, validator.Validate(token, out _));
    }

    [Theory]
    [InlineData(KeyState.VerifyOnly, TokenStatus.Valid)]
    [InlineData(KeyState.Pending, TokenStatus.Valid)]
    [InlineData(KeyState.Retired, TokenStatus.UnknownKey)]
    [InlineData(KeyState.Destroyed, TokenStatus.UnknownKey)]
    public void A_rotation_counts_at_the_next_hit(KeyState state, TokenStatus expected)
    {
        var token = _forge.Token();
        Validated(token);
        _keyrings.Current = Keyrings.Rotated(_forge.Keyring, KeyPurpose.TokenSigning, state);
        AssertBoth(expected, token);
        _keyrings.Current = Keyrings.New(TokenAlgorithm.HS256);
        AssertBoth(TokenStatus.UnknownKey, token);
        _keyrings.Current = _forge.Keyring;
        AssertBoth(TokenStatus.Valid, token);
    }

    [Fact]
    public void Every_character_of_a_remembered_token_counts()
    {
        var token = _forge.Token();
        Validated(token);
        for (var i = 0; i < token.Length; i++)
        {
            var changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.NotEqual(TokenStatus.Valid, _validator.Validate(changed, out _));
        }
    }

    [Fact]
    public void Without_a_memory_it_validates_all_the_same()
    {
        _forge.Options.VerifiedTokens = 0;
        var validator = new TokenValidator(_keyrings, _forge.Options, _forge.Time);
        var token = _forge.Token(payload: WithRole);
        Assert.Equal(TokenStatus.Valid, validator.Validate(token, out var first));
        Assert.Equal(TokenStatus.Valid, validator.Validate(token, out var second));
        Assert.NotSame(first.Roles, second.Roles);
    }

    [Fact]
    public async Task While_keys_rotate_no_token_of_a_live_key_is_refused_and_none_is_taken_for_another()
    {
        var keyring = _forge.Keyring;
        for (var rotation = 0; rotation < 20; rotation++)
        {
            var next = Keyrings.Rotated(keyring, KeyPurpose.TokenSigning, algorithm: (TokenAlgorithm)(rotation % 2 * 3));
            await Task.WhenAll(
                Enumerable
                    .Range(0, 3)
                    .Select(worker =>
                        Task.Run(() =>
                        {
                            for (var i = 0; i < 30; i++)
                            {
                                if (worker == 0 && i == 10)
                                {
                                    _keyrings.Current = next;
                                }

                                var subject = $"{worker} {i}";
                                var issued = new TokenIssuer(_keyrings, _forge.Options, _forge.Time).Issue(new TokenRequest(subject));
                                for (var look = 0; look < 3; look++)
                                {
                                    Assert.Equal(TokenStatus.Valid, _validator.Validate(issued.Token, out var token));
                                    Assert.Equal((subject, issued.Id), (token.Subject, token.Id));
                                }
                            }
                        })
                    )
            );
            keyring = next;
        }
    }

    private ValidatedToken Validated(string token)
    {
        Assert.Equal(TokenStatus.Valid, _validator.Validate(token, out var validated));
        return validated;
    }

    private void AssertBoth(TokenStatus expected, string token)
    {
        Assert.Equal(expected, _validator.Validate(token, out _));
        Assert.Equal(expected, new TokenValidator(_keyrings, _forge.Options, _forge.Time).Validate(token, out _));
    }

    private sealed class KeyringSwitch(Keyring keyring) : IKeyringProvider
    {
        private volatile Keyring _current = keyring;

        public Keyring Current
        {
            get => _current;
            set => _current = value;
        }
    }

    private sealed class MovableTime(TimeProvider time) : TimeProvider
    {
        public TimeProvider Time { get; set; } = time;

        public override DateTimeOffset GetUtcNow() => Time.GetUtcNow();
    }
}
