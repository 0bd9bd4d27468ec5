using System.Globalization;
using Autom8.Caching.Keys;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Caching.Tests;

public sealed class KeyFormatterTests
{
    [Property(MaxTest = 300)]
    public void A_key_is_read_back_from_its_text(
        NonNull<string> text,
        Guid guid,
        byte one,
        sbyte two,
        short three,
        ushort four,
        int five,
        uint six,
        long seven,
        ulong eight,
        DateTime date
    )
    {
        Returns(text.Get);
        Returns(guid);
        Returns(one);
        Returns(two);
        Returns(three);
        Returns(four);
        Returns(five);
        Returns(six);
        Returns(seven);
        Returns(eight);
        Returns((nint)five);
        Returns((nuint)six);
        Returns(new Int128(eight, (ulong)seven));
        Returns(new UInt128(eight, (ulong)seven));
        Returns(DateOnly.FromDateTime(date));
        Returns((Numbered)five);
        Returns((Small)one);
        Returns((Signed)two);
        Returns((Large)eight);
    }

    [Fact]
    public void The_ends_of_every_range_are_read_back()
    {
        Returns(int.MinValue);
        Returns(int.MaxValue);
        Returns(long.MinValue);
        Returns(ulong.MaxValue);
        Returns(Int128.MinValue);
        Returns(Int128.MaxValue);
        Returns(UInt128.MaxValue);
        Returns(DateOnly.MinValue);
        Returns(DateOnly.MaxValue);
        Returns((Large)ulong.MaxValue);
        Returns("");
    }

    [Property(MaxTest = 1000)]
    public void Only_the_text_of_a_key_is_read_as_one(NonNull<string> text, int number, int at)
    {
        // Near misses are likelier than random text to be taken for numbers.
        var digits = number.ToString(CultureInfo.InvariantCulture);
        var near = digits.Insert((int)((uint)at % (uint)(digits.Length + 1)), text.Get.Length == 0 ? "0" : text.Get[..1]);
        foreach (var candidate in new[] { text.Get, near, near.ToUpperInvariant() })
        {
            Canonical<int>(candidate);
            Canonical<byte>(candidate);
            Canonical<Int128>(candidate);
            Canonical<Guid>(candidate);
            Canonical<DateOnly>(candidate);
            Canonical<Small>(candidate);
        }
    }

    [Theory]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("01")]
    [InlineData("-0")]
    [InlineData("1.0")]
    [InlineData("1,000")]
    [InlineData("0x1")]
    [InlineData("1e0")]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("2147483648")]
    [InlineData("١")]
    [InlineData("1\0")]
    public void Other_ways_to_write_a_number_are_not_keys(string text)
    {
        Assert.False(For<int>().TryParse(text, out _));
        Assert.False(For<Numbered>().TryParse(text, out _));
    }

    [Theory]
    [InlineData("00112233445566778899AABBCCDDEEFF")]
    [InlineData("00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData(" 0112233445566778899aabbccddeeff")]
    [InlineData("00112233445566778899aabbccddeef")]
    public void Other_ways_to_write_a_guid_are_not_keys(string text) => Assert.False(For<Guid>().TryParse(text, out _));

    [Theory]
    [InlineData("2026-2-28")]
    [InlineData("2026-02-30")]
    [InlineData("28.02.2026")]
    [InlineData("2026/02/28")]
    [InlineData("2026-02-28 ")]
    public void Other_ways_to_write_a_date_are_not_keys(string text) => Assert.False(For<DateOnly>().TryParse(text, out _));

    [Fact]
    public void The_text_of_a_key_is_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (var name in new[] { "", "de-DE", "ar-SA", "fa-IR", "sv-SE" })
            {
                var culture = (CultureInfo)CultureInfo.GetCultureInfo(name).Clone();
                culture.NumberFormat.NegativeSign = "~";
                CultureInfo.CurrentCulture = culture;
                Assert.Equal("-5", For<int>().Format(-5));
                Assert.Equal("-5", For<Signed>().Format((Signed)(-5)));
                Assert.Equal("2026-02-28", For<DateOnly>().Format(new DateOnly(2026, 2, 28)));
                Assert.True(For<int>().TryParse("-5", out var read) && read == -5);
                Assert.True(For<DateOnly>().TryParse("2026-02-28", out _));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void An_enum_is_named_by_its_number_so_that_renaming_it_changes_no_key()
    {
        Assert.Equal("7", For<Numbered>().Format(Numbered.Seven));
        Assert.False(For<Numbered>().TryParse("Seven", out _));
        Assert.False(For<Small>().TryParse("256", out _));
    }

    [Fact]
    public void There_is_no_formatter_for_what_has_no_one_text()
    {
        Assert.False(CacheKeyFormatters.TryGet<char>(out _));
        Assert.False(CacheKeyFormatters.TryGet<bool>(out _));
        Assert.False(CacheKeyFormatters.TryGet<double>(out _));
        Assert.False(CacheKeyFormatters.TryGet<DateTime>(out _));
        Assert.False(CacheKeyFormatters.TryGet<int?>(out _));
        Assert.False(CacheKeyFormatters.TryGet<object>(out _));
        Assert.False(CacheKeyFormatters.TryGet<(int, int)>(out _));
    }

    private static ICacheKeyFormatter<TKey> For<TKey>()
    {
        Assert.True(CacheKeyFormatters.TryGet<TKey>(out var formatter));
        return formatter;
    }

    private static void Returns<TKey>(TKey key)
    {
        Assert.True(For<TKey>().TryParse(For<TKey>().Format(key), out var read));
        Assert.Equal(key, read);
    }

    private static void Canonical<TKey>(string text)
    {
        if (For<TKey>().TryParse(text, out var key))
        {
            Assert.Equal(text, For<TKey>().Format(key));
        }
    }

    private enum Numbered
    {
        Seven = 7,
    }

    private enum Small : byte
    {
        None,
    }

    private enum Signed : sbyte
    {
        None,
    }

    private enum Large : ulong
    {
        None,
    }
}
