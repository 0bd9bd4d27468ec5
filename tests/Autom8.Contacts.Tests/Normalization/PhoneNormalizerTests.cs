using Autom8.Contacts.Normalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Contacts.Tests.Normalization;

public sealed class PhoneNormalizerTests
{
    private static readonly PhoneNormalizer British = new("GB");
    private static readonly PhoneNormalizer Anywhere = new();

    [Theory]
    [InlineData("020 7946 0123")]
    [InlineData("+44 20 7946 0123")]
    [InlineData("+44 (0)20 7946-0123")]
    [InlineData("0044 20 7946 0123")]
    [InlineData("tel:+44-20-7946-0123")]
    [InlineData("tel:020-7946-0123;phone-context=+44")]
    [InlineData("٠٢٠٧٩٤٦٠١٢٣")]
    [InlineData(" \u202A+44 20 7946 0123\u202C ")]
    [InlineData("+44 20 7946 0123 ext. 9")]
    public void However_written_a_number_has_one_index_key(string text)
    {
        Assert.True(British.TryNormalize(text, out PhoneNumber? number, out _));
        Assert.Equal("+442079460123", number.IndexKey);
        Assert.Equal(text.Trim(' ', '\u202A', '\u202C'), number.Raw);
    }

    [Fact]
    public void An_extension_is_kept_and_tells_numbers_apart()
    {
        Assert.True(British.TryNormalize("020 7946 0123 x9", out PhoneNumber? extension, out _));
        Assert.True(British.TryNormalize("020 7946 0123", out PhoneNumber? plain, out _));
        Assert.Equal(("9", null), (extension.Extension, plain.Extension));
        Assert.NotEqual(plain, extension);
        Assert.Equal(plain.IndexKey, extension.IndexKey);
    }

    [Theory]
    [InlineData("", "phone-empty")]
    [InlineData(" \u202A ", "phone-empty")]
    [InlineData("call me", "phone-not-a-number")]
    [InlineData("mother +44 20 7946 0123", "phone-not-a-number")]
    [InlineData("+44 20 7946 0123 / 0124", "phone-too-long")]
    [InlineData("+44 20", "phone-too-short")]
    [InlineData("+1 212 555 01424", "phone-too-long")]
    [InlineData("+1 555 0142", "phone-local-only")]
    [InlineData("+999 1234567", "phone-no-country")]
    [InlineData("020 7946 0123", "phone-no-country")]
    public void What_cannot_ring_is_refused_with_a_reason(string text, string code)
    {
        Assert.False(Anywhere.TryNormalize(text, out PhoneNumber? number, out Refusal? refusal));
        Assert.Null(number);
        Assert.Equal(code, refusal.Code);
    }

    [Fact]
    public void A_possible_number_outside_any_range_in_use_is_kept_and_marked()
    {
        Assert.True(British.TryNormalize("07700 900123", out PhoneNumber? fiction, out _));
        Assert.True(British.TryNormalize("020 7946 0123", out PhoneNumber? real, out _));
        Assert.Equal(("+447700900123", false, true), (fiction.E164, fiction.IsValid, real.IsValid));
    }

    [Fact]
    public void Very_long_text_is_refused_before_it_is_looked_at()
    {
        Assert.False(British.TryNormalize(new string('1', 1_000_000), out _, out Refusal? refusal));
        Assert.Equal("phone-text-too-long", refusal.Code);
    }

    [Theory]
    [InlineData("XX")]
    [InlineData("gb")]
    [InlineData("+44")]
    public void A_region_that_is_none_is_refused_by_name(string region)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new PhoneNormalizer(region));
        Assert.Contains(region, e.Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 300)]
    public Property Anything_typed_is_a_number_that_normalises_to_itself_or_a_refusal_that_shows_nothing() =>
        Prop.ForAll(
            Gen.Elements('+', '0', '1', '4', '7', '9', ' ', '-', '(', ')', 'x', 'e', ';', '=', '\u202A', '\uD800', '\0', '٣', '/', '.')
                .ArrayOf()
                .ToArbitrary(),
            characters =>
            {
                string text = new(characters);
                if (British.TryNormalize(text, out PhoneNumber? number, out Refusal? refusal))
                {
                    Assert.True(Anywhere.TryNormalize(number.E164, out PhoneNumber? again, out _));
                    Assert.Equal(number.E164, again.E164);
                    Assert.Matches(@"^\+[1-9][0-9]{1,16}$", number.E164);
                }
                else
                {
                    Assert.False(string.IsNullOrEmpty(refusal.Reason));
                }
            }
        );

    [Fact]
    public void As_text_a_number_shows_nothing()
    {
        Assert.True(British.TryNormalize("020 7946 0123", out PhoneNumber? number, out _));
        Assert.Equal("PhoneNumber", number.ToString());
    }
}
