using System.Text;
using Autom8.Security.Text;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Text;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("plain, ünïcode, 漢字 and 👩‍🚀 apart", "plain, ünïcode, 漢字 and 👩\\u{200d}🚀 apart")]
    [InlineData("line\r\nforged: line", "line\\u{d}\\u{a}forged: line")]
    [InlineData("\u001b[31mred", "\\u{1b}[31mred")]
    [InlineData("abc\u202Etxt.exe", "abc\\u{202e}txt.exe")]
    [InlineData("zero\u200Bwidth", "zero\\u{200b}width")]
    [InlineData("next\u0085line\u2028and\u2029paragraph", "next\\u{85}line\\u{2028}and\\u{2029}paragraph")]
    [InlineData(null, "")]
    public void What_could_deceive_is_written_out(string? text, string rendered) => Assert.Equal(rendered, LogText.Render(text));

    [Fact]
    public void What_is_no_character_is_written_out() =>
        Assert.Equal("lone \\u{d800} surrogate", LogText.Render($"lone {(char)0xD800} surrogate"));

    [Fact]
    public void What_is_long_is_cut()
    {
        Assert.Equal("abc…", LogText.Render("abcdef", 3));
        Assert.Equal("abc", LogText.Render("abc", 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogText.Render("abc", 0));
    }

    [Property]
    public bool Nothing_that_is_rendered_steers_a_reader(string? text) =>
        LogText
            .Render(text)
            .EnumerateRunes()
            .All(rune => !Rune.IsControl(rune) && rune.Value is not (0x2028 or 0x2029 or 0x202E or 0xFFFD));
}
