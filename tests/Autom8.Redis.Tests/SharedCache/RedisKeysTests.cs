using Autom8.Redis.SharedCache;
using FsCheck.Xunit;
using StackExchange.Redis;

namespace Autom8.Redis.Tests.SharedCache;

public sealed class RedisKeysTests
{
    [Theory]
    [InlineData("app:", "name", "app:{kname}v")]
    [InlineData("app:", "", "app:{k}v")]
    [InlineData("app:", "a{b}c", "app:{ka{b}c}v")]
    [InlineData("app:", "}", "app:{k}}v")]
    [InlineData("app:", "é", "app:{ké}v")]
    public void A_key_is_the_prefix_the_name_in_braces_and_a_letter(string prefix, string name, string expected) =>
        Assert.Equal(expected, (string?)new RedisKeys(prefix).Value(name));

    [Property(MaxTest = 300)]
    public void All_keys_of_a_name_share_one_hash_tag_that_is_not_empty(char[] letters)
    {
        const string braces = "{}";
        var name = new string([.. letters.Select(letter => char.IsSurrogate(letter) ? braces[letter % 2] : letter)]);
        foreach (var text in new[] { name, name + "}", "}" + name, "{" + name, "{}" + name, name + "{x}" })
        {
            var keys = new RedisKeys("app:");
            var tags = Keys(keys, text).Select(Tag).Distinct().ToArray();
            Assert.NotEqual("", Assert.Single(tags));
        }
    }

    [Property(MaxTest = 300)]
    public void Different_names_have_different_keys(char[] one, char[] other)
    {
        var (first, second) = (Clean(one), Clean(other));
        var keys = new RedisKeys("app:");
        if (first != second)
        {
            Assert.Empty(Keys(keys, first).Intersect(Keys(keys, second)));
        }

        Assert.Equal(5, Keys(keys, first).Distinct().Count());

        static string Clean(char[] letters) => new([.. letters.Where(static letter => !char.IsSurrogate(letter))]);
    }

    private static string[] Keys(RedisKeys keys, string name) =>
        [
            .. new[] { keys.Value(name), keys.Lease(name), keys.Fences(name), keys.Position(name), keys.Identity(name) }.Select(
                static key => ((string?)(RedisKey)key)!
            ),
        ];

    // As the specification of Redis Cluster has it.
    private static string Tag(string key)
    {
        var open = key.IndexOf('{', StringComparison.Ordinal);
        var close = key.IndexOf('}', open + 1);
        return close > open + 1 ? key[(open + 1)..close] : key;
    }
}
