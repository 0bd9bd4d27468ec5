using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Metrics.Tests;

public sealed class MetricTagsTests
{
    [Property]
    public Property Tags_survive_being_written_and_read(Dictionary<string, string?> tags)
    {
        MetricTags canonical = MetricTags.Create(tags);
        return (MetricTags.FromJson(canonical.ToJson()).Equals(canonical)).ToProperty();
    }

    [Property]
    public Property The_order_in_which_tags_are_given_does_not_matter(Dictionary<NonEmptyString, string?> tags)
    {
        var given = tags.Select(t => new KeyValuePair<string, string?>(t.Key.Get, t.Value)).ToArray();
        // Keys that become equal when they are mended are another matter: there the later one stays.
        return (MetricTags.Create(given).ToJson() == MetricTags.Create(given.Reverse()).ToJson()).When(
            given.Select(t => MetricTags.Create((t.Key, "v")).ToJson()).Distinct().Count() == given.Length
        );
    }

    [Fact]
    public void Of_two_tags_with_one_key_the_later_stays_and_one_without_a_value_is_left_out()
    {
        MetricTags tags = MetricTags.Create(("b", "1"), ("a", "2"), ("b", "3"), ("c", null), ("d", ""), ("", "x"));
        Assert.Equal("""{"a":"2","b":"3"}""", tags.ToJson());
        Assert.True(tags.Contains(MetricTags.Create(("b", "3"))));
        Assert.False(tags.Contains(MetricTags.Create(("b", "1"))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":"1" """)]
    public void What_is_not_an_object_of_strings_is_refused(string json)
    {
        Assert.Throws<FormatException>(() => MetricTags.FromJson(json));
    }
}
