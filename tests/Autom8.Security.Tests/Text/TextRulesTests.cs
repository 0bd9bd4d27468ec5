using System.Text;
using Autom8.Security.Text;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Security.Tests.Text;

public sealed class TextRulesTests
{
    private static readonly TextPolicy Name = new(20);
    private static readonly TextPolicy Note = new(20) { MultiLine = true, AllowEmpty = true };
    private static readonly TextPolicy Import = new(20) { Invisible = InvisibleCharacters.Remove };

    [Theory]
    [InlineData("Zoë", "Zoe\u0308")]
    [InlineData("Ann Lee", "  Ann Lee\u00A0")]
    [InlineData("O'Brien-Nguyễn", "O'Brien-Nguyễn")]
    [InlineData("محمد", "محمد")]
    [InlineData("שרה", "שרה")]
    [InlineData("王小明", "王小明")]
    [InlineData("\uAC00", "\u1100\u1161")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("क्\u200Dष", "क्\u200Dष")]
    [InlineData("👩\u200D👩\u200D👧", "👩\u200D👩\u200D👧")]
    [InlineData("❤️\u200D🔥", "❤️\u200D🔥")]
    [InlineData("1\uFE0F\u20E3", "1\uFE0F\u20E3")]
    [InlineData("葛\U000E0100城", "葛\U000E0100城")]
    [InlineData("K", "\u212A")]
    public void Names_of_the_world_are_kept_in_NFC(string expected, string text)
    {
        var result = TextRules.Normalize(text, Name);
        Assert.True(result.IsValid, result.Message);
        Assert.Equal(expected, result.Text);
    }

    [Theory]
    [InlineData("", TextProblem.Empty)]
    [InlineData(" \u3000 ", TextProblem.Empty)]
    [InlineData("a\nb", TextProblem.ControlCharacter)]
    [InlineData("a\tb", TextProblem.ControlCharacter)]
    [InlineData("a\0b", TextProblem.ControlCharacter)]
    [InlineData("a\u001B[31m", TextProblem.ControlCharacter)]
    [InlineData("a\u0085b", TextProblem.ControlCharacter)]
    [InlineData("a\u2028b", TextProblem.ControlCharacter)]
    [InlineData("moc.\u202Eelgoog", TextProblem.BidirectionalControl)]
    [InlineData("\u2066a\u2069", TextProblem.BidirectionalControl)]
    [InlineData("a\u200F", TextProblem.BidirectionalControl)]
    [InlineData("ad\u200Bmin", TextProblem.ZeroWidthCharacter)]
    [InlineData("ad\u00ADmin", TextProblem.ZeroWidthCharacter)]
    [InlineData("ad\u200Dmin", TextProblem.ZeroWidthCharacter)]
    [InlineData("م\u200C\u200Cم", TextProblem.ZeroWidthCharacter)]
    [InlineData("م\u200C", TextProblem.ZeroWidthCharacter)]
    [InlineData("\uFEFFa", TextProblem.ZeroWidthCharacter)]
    [InlineData("\u212A\u200D\u212A", TextProblem.ZeroWidthCharacter)] // Kelvin signs, which are the letter K
    [InlineData("a\uFE0F", TextProblem.ZeroWidthCharacter)]
    [InlineData("葛\U000E0100\U000E0100", TextProblem.ZeroWidthCharacter)]
    [InlineData("\u3164", TextProblem.ZeroWidthCharacter)]
    [InlineData("a\u115F", TextProblem.ZeroWidthCharacter)]
    [InlineData("a\U000E0068\U000E0069", TextProblem.ZeroWidthCharacter)] // "hi" in tags
    [InlineData("a\uFFFE", TextProblem.IllFormed)]
    [InlineData("a\uFDD0", TextProblem.IllFormed)]
    [InlineData("123456789012345678901", TextProblem.TooLong)]
    public void What_deceives_or_does_not_fit_is_refused_by_name(string text, TextProblem problem)
    {
        var result = TextRules.Normalize(text, Name);
        Assert.Equal(problem, result.Problem);
        Assert.False(result.IsValid);
        Assert.Null(result.Text);
    }

    [Fact]
    public void A_lone_surrogate_is_refused()
    {
        Assert.Equal(TextProblem.IllFormed, TextRules.Normalize("a\uD800", Name).Problem);
        Assert.Equal(TextProblem.IllFormed, TextRules.Normalize("\uDC00a", Import).Problem);
    }

    [Fact]
    public void Length_is_counted_as_a_reader_counts()
    {
        Assert.True(TextRules.Normalize(string.Concat(Enumerable.Repeat("👩\u200D👩\u200D👧", 20)), Name).IsValid);
        Assert.True(TextRules.Normalize(string.Concat(Enumerable.Repeat("q\u0308\u0301", 20)), Name).IsValid);
        Assert.Equal(TextProblem.TooLong, TextRules.Normalize(string.Concat(Enumerable.Repeat("👩\u200D👩\u200D👧", 21)), Name).Problem);
    }

    [Fact]
    public void A_tower_of_combining_marks_is_too_long_though_it_is_one_character() =>
        Assert.Equal(TextProblem.TooLong, TextRules.Normalize("q" + new string('\u0308', 321), Name).Problem);

    [Theory]
    [InlineData(30, TextProblem.None)]
    [InlineData(31, TextProblem.TooLong)]
    [InlineData(300_000, TextProblem.TooLong)] // putting these into order would take minutes
    public void At_most_30_marks_stand_in_a_row(int marks, TextProblem problem)
    {
        var tower = "q" + string.Concat(Enumerable.Range(0, marks).Select(i => i % 2 == 0 ? '\u0308' : '\u0323'));
        Assert.Equal(problem, TextRules.Normalize(tower, new TextPolicy(20_000)).Problem);
        // Nor once what stood between them is taken out.
        var apart = tower.Insert(tower.Length - 1, "\u200B");
        Assert.Equal(problem, TextRules.Normalize(apart, new TextPolicy(20_000) { Invisible = InvisibleCharacters.Remove }).Problem);
    }

    [Fact]
    public void A_note_may_have_lines_and_may_be_empty()
    {
        Assert.Equal("a\nb\nc\n\td", TextRules.Normalize("a\r\nb\rc\n\td\n", Note).Text);
        Assert.Equal("", TextRules.Normalize("  ", Note).Text);
        Assert.Equal(TextProblem.ControlCharacter, TextRules.Normalize("a\u001B", Note).Problem);
    }

    [Fact]
    public void An_import_loses_what_nobody_sees_and_nothing_else()
    {
        Assert.Equal("+1 555 0100", TextRules.Normalize("\u202A+1 555 0100\u202C", Import).Text);
        Assert.Equal("admin", TextRules.Normalize("ad\u200Bmin\uFEFF", Import).Text);
        Assert.Equal("Zoë", TextRules.Normalize("Zoe\u200B\u0308", Import).Text);
        Assert.Equal("KK", TextRules.Normalize("\u212A\u200D\u212A", Import).Text);
        Assert.Equal("می\u200Cخواهم", TextRules.Normalize("می\u200Cخواهم", Import).Text);
        Assert.Equal(TextProblem.ControlCharacter, TextRules.Normalize("a\0", Import).Problem);
    }

    [Fact]
    public void No_text_form_shows_the_value()
    {
        var (good, bad) = (TextRules.Normalize("xyzzy", Name), TextRules.Normalize("xyzzy\0", Name));
        Assert.All(
            [good.ToString(), good.Message, bad.ToString(), bad.Message],
            text => Assert.DoesNotContain("xyzzy", text, StringComparison.Ordinal)
        );
    }

    [Property]
    public void Normalising_twice_changes_nothing(NonNull<string> text)
    {
        foreach (var policy in new[] { Name, Note, Import })
        {
            if (TextRules.Normalize(text.Get, policy) is { IsValid: true } once)
            {
                Assert.Equal(once.Text, TextRules.Normalize(once.Text, policy).Text);
                Assert.True(once.Text.IsNormalized(NormalizationForm.FormC));
            }
        }
    }

    [Fact]
    public void A_policy_for_no_text_at_all_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TextRules.Normalize("a", new TextPolicy(0)));
}
