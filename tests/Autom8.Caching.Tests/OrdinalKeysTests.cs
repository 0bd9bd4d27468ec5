using Autom8.Caching.Keys;

namespace Autom8.Caching.Tests;

public sealed class OrdinalKeysTests
{
    private static readonly OrdinalKeys Keys = OrdinalKeys.Instance;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(40)]
    public void Every_character_counts_and_so_does_the_length(int length)
    {
        var key = new string('a', length);
        string[] others =
        [
            key + "a",
            key + "\0",
            .. Enumerable.Range(0, length).Select(at => string.Concat(key.AsSpan(0, at), "b", key.AsSpan(at + 1))),
        ];

        Assert.All(others, other => Assert.False(Keys.Equals(key, other)));
        Assert.All(others, other => Assert.NotEqual(Keys.GetHashCode(key), Keys.GetHashCode(other)));
    }

    [Fact]
    public void A_span_is_one_with_the_string()
    {
        var text = string.Concat(Enumerable.Range(0, 60).Select(i => (char)('A' + i)));
        for (var length = 0; length <= text.Length; length++)
        {
            var key = text[..length];
            var span = $"x{key}y".AsSpan(1, length);
            Assert.Equal(Keys.GetHashCode(key), Keys.GetHashCode(span));
            Assert.True(Keys.Equals(span, key));
            Assert.False(Keys.Equals(span, key + "z"));
            Assert.Equal(key, Keys.Create(span));
        }
    }

    [Fact]
    public void Hashes_of_keys_that_are_much_alike_are_spread_in_every_part()
    {
        const int Count = 1 << 16;
        const int Buckets = 1 << 10;
        foreach (var format in new[] { "product:{0}", "{0}", "tenant/{0}/a rather long name of something that many share", "{0:x8}{0:x8}" })
        {
            var hashes = Enumerable
                .Range(0, Count)
                .Select(number => Keys.GetHashCode(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, number)))
                .ToArray();
            foreach (var shift in new[] { 0, 11, 22 })
            {
                // 64 in each on average. One multiplication for sixteen bytes is not a random function: with a few of the secrets that a process may draw the parts are less even, and chains stay short all the same.
                var fill = hashes.GroupBy(hash => (hash >>> shift) & (Buckets - 1)).Select(bucket => bucket.Count()).ToArray();
                Assert.InRange(fill.Length, Buckets * 9 / 10, Buckets);
                Assert.InRange(fill.Max(), 65, 64 * 5);
            }
        }
    }
}
