using Autom8.Security.Keys;
using Autom8.Security.Tokens;

namespace Autom8.Security.Tests.Tokens;

public sealed class VerifiedTokenCacheTests
{
    private static readonly DateTimeOffset Until = Keyrings.Start.AddMinutes(10);
    private readonly Keyring _keyring = Keyrings.New(TokenAlgorithm.HS256);

    [Fact]
    public void A_token_is_found_by_all_its_characters_and_by_no_others()
    {
        var cache = new VerifiedTokenCache(64);
        var token = new Forge(TokenAlgorithm.HS256).Token();
        Add(cache, token, "alice");
        Assert.True(cache.TryGet(token, _keyring, Keyrings.Start, out var found));
        Assert.Equal("alice", found.Subject);
        var other = token.ToCharArray();
        for (var i = 0; i < other.Length; i++)
        {
            other[i]++;
            Assert.False(cache.TryGet(other, _keyring, Keyrings.Start, out found));
            Assert.Equal("", found.Subject);
            other[i] = (char)(token[i] + 0x100); // the same low byte
            Assert.False(cache.TryGet(other, _keyring, Keyrings.Start, out _));
            other[i] = token[i];
            Assert.False(cache.TryGet(token.AsSpan(0, i), _keyring, Keyrings.Start, out _));
        }

        Assert.False(cache.TryGet(token + "A", _keyring, Keyrings.Start, out _));
        Assert.True(cache.TryGet(other, _keyring, Keyrings.Start, out _));
    }

    [Fact]
    public void It_is_good_from_its_beginning_to_before_its_end()
    {
        var cache = new VerifiedTokenCache(64);
        Add(cache, "token", "alice");
        Assert.False(cache.TryGet("token", _keyring, Keyrings.Start.AddTicks(-1), out _));
        Assert.True(cache.TryGet("token", _keyring, Keyrings.Start, out _));
        Assert.True(cache.TryGet("token", _keyring, Until.AddTicks(-1), out _));
        Assert.False(cache.TryGet("token", _keyring, Until, out _));
        Assert.True(cache.TryGet("token", _keyring, Keyrings.Start.ToOffset(TimeSpan.FromHours(5)), out _));
    }

    [Theory]
    [InlineData(KeyState.Pending, true)]
    [InlineData(KeyState.VerifyOnly, true)]
    [InlineData(KeyState.Retired, false)]
    [InlineData(KeyState.Destroyed, false)]
    public void It_is_good_as_long_as_the_key_that_signed_it_lives(KeyState state, bool expected)
    {
        var cache = new VerifiedTokenCache(64);
        Add(cache, "token", "alice");
        var rotated = Keyrings.Rotated(_keyring, KeyPurpose.TokenSigning, state);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(expected, cache.TryGet("token", rotated, Keyrings.Start, out _));
            Assert.False(cache.TryGet("token", Keyrings.New(), Keyrings.Start, out _));
            Assert.True(cache.TryGet("token", _keyring, Keyrings.Start, out _));
        }
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 8)]
    [InlineData(64, 64)]
    [InlineData(1000, 1024)]
    public void It_holds_no_more_than_its_capacity_to_the_next_power_of_two(int capacity, int bound)
    {
        var cache = new VerifiedTokenCache(capacity);
        var tokens = Enumerable.Range(0, bound * 20).Select(i => $"token {i}").ToList();
        foreach (var token in tokens)
        {
            Add(cache, token, token);
            Assert.True(cache.TryGet(token, _keyring, Keyrings.Start, out var found)); // what came last is in
            Assert.Equal(token, found.Subject);
        }

        var held = tokens.Count(token => cache.TryGet(token, _keyring, Keyrings.Start, out var found) && found.Subject == token);
        Assert.Equal(bound, held);
    }

    [Fact]
    public void Where_there_is_no_room_the_token_that_ends_first_goes()
    {
        var cache = new VerifiedTokenCache(4);
        string[] tokens = ["d", "a", "c", "b"];
        foreach (var token in tokens)
        {
            Add(cache, token, token, until: Until.AddMinutes(token[0] - 'a'));
        }

        Add(cache, "e", "e", until: Until.AddHours(1));
        Assert.Equal("bcde", Held());
        Add(cache, "f", "f", until: Until); // soon over itself: it takes the place of the one that is over before all others
        Assert.Equal("cdef", Held());
        Add(cache, "g", "g", until: Until.AddHours(1));
        Assert.Equal("cdeg", Held());
        Add(cache, "g", "again", until: Until.AddHours(2));
        Assert.Equal("cdeg", Held()); // in its own place
        Assert.True(cache.TryGet("g", _keyring, Until.AddHours(1), out var found));
        Assert.Equal("again", found.Subject);

        string Held() => string.Concat("abcdefg".Where(c => cache.TryGet($"{c}", _keyring, Keyrings.Start, out _)));
    }

    [Fact]
    public void One_that_has_ended_makes_room_before_one_that_has_not()
    {
        var cache = new VerifiedTokenCache(4);
        Add(cache, "over", "over", until: Keyrings.Start.AddMinutes(-1));
        foreach (var token in new[] { "a", "b", "c", "d" })
        {
            Add(cache, token, token);
        }

        Assert.All(["a", "b", "c", "d"], token => Assert.True(cache.TryGet(token, _keyring, Keyrings.Start, out _)));
    }

    [Fact]
    public void Of_no_capacity_it_remembers_nothing()
    {
        var cache = new VerifiedTokenCache(0);
        Add(cache, "token", "alice");
        Assert.False(cache.TryGet("token", _keyring, Keyrings.Start, out _));
    }

    [Fact]
    public void What_says_nothing_cannot_enter() =>
        Assert.Throws<InvalidOperationException>(() => new VerifiedTokenCache(4).Add("token", _keyring, default, Keyrings.Start, Until));

    [Fact]
    public async Task Whoever_reads_while_others_write_and_keys_rotate_gets_his_own_token_or_none()
    {
        const int Tokens = 200;
        var cache = new VerifiedTokenCache(64);
        var retired = Keyrings.Rotated(_keyring, KeyPurpose.TokenSigning, KeyState.Retired);
        Keyring[] keyrings = [_keyring, Keyrings.Rotated(_keyring, KeyPurpose.TokenSigning), retired];
        var hits = new int[keyrings.Length];
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(worker =>
                    Task.Run(() =>
                    {
                        var random = new Random(worker);
                        for (var i = 0; i < 50_000; i++)
                        {
                            var token = $"token {random.Next(Tokens)}";
                            var which = random.Next(keyrings.Length);
                            if (cache.TryGet(token, keyrings[which], Keyrings.Start, out var found))
                            {
                                Assert.Equal(token, found.Subject);
                                Interlocked.Increment(ref hits[which]);
                            }
                            else if (random.Next(4) == 0)
                            {
                                Add(cache, token, token, until: Until.AddSeconds(random.Next(60)));
                            }
                        }
                    })
                )
        );
        Assert.True(hits[0] > 0 && hits[1] > 0);
        Assert.Equal(0, hits[2]);
        Assert.InRange(Enumerable.Range(0, Tokens).Count(i => cache.TryGet($"token {i}", _keyring, Keyrings.Start, out _)), 1, 64);
    }

    private void Add(VerifiedTokenCache cache, string token, string subject, DateTimeOffset? until = null)
    {
        var (key, end) = (_keyring.Active(KeyPurpose.TokenSigning).Id, until ?? Until);
        var content = new ValidatedToken.Content(
            key,
            "1",
            subject,
            Array.AsReadOnly<string>([]),
            Array.AsReadOnly<string>([]),
            [],
            Keyrings.Start,
            end
        );
        cache.Add(token, _keyring, new ValidatedToken(content), Keyrings.Start, end);
    }
}
