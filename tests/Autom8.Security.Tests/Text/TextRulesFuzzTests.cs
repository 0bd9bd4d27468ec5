using System.Globalization;
using System.Text;
using Autom8.Security.Text;

namespace Autom8.Security.Tests.Text;

/// <summary>Texts of letters, marks, emoji and everything that nobody sees, through every policy: a documented outcome, and what is kept has every promised property.</summary>
public sealed class TextRulesFuzzTests
{
    private static readonly TextPolicy[] Policies =
    [
        new(1),
        new(12),
        new(12) { MultiLine = true, AllowEmpty = true },
        new(12) { Invisible = InvisibleCharacters.Remove },
        new(40) { Invisible = InvisibleCharacters.Remove, MultiLine = true },
    ];

    private static readonly string[] Pieces =
    [
        .. "a|Z|e|K|1|#|'|-| |  |\t|\n|\r|\r\n|é|ß|ñ|中|ا|م|ی|ש|क|्|ष|가|한|👩|👧|❤|🔥|🏴|🇩|🇪".Split('|'),
        .. "\u0300|\u0308|\u0301|\u0323|\u0338|\u0344|\u0345|\u20E3|\u3099|\u1100|\u1161|\u11A8|\u212A|\u2126|\u1FEF|\u037E|\u2000|\uFB2C|\uF900".Split(
            '|'
        ),
        .. "\u200B|\u200C|\u200D|\u200E|\u200F|\u061C|\u202A|\u202E|\u2066|\u2069|\u2060|\u2065|\u206F|\u00AD|\u034F|\uFEFF|\uFE0F|\uFE00".Split(
            '|'
        ),
        .. "\u115F|\u1160|\u3164|\uFFA0|\u17B4|\u180E|\u180B|\uFFF0|\uFFFB|\uFFFC|\uFFFD|\u2028|\u2029|\u0085|\u00A0|\u3000|\u2800|\0|\u001B|\u007F".Split(
            '|'
        ),
        .. "\U000E0001|\U000E0067|\U000E007F|\U000E0100|\U000E0FFF|\U0001D173|\U0001BCA0|\U0001D160|\U0002F800|\uFFFE|\uFDD0|\U0001FFFF".Split(
            '|'
        ),
        "\uD800",
        "\uDC00",
    ];

    [Fact]
    public void What_is_kept_is_what_was_promised()
    {
        var rounds = Environment.GetEnvironmentVariable("AUTOM8_LONG") is null ? 4_000 : 20_000_000;
        var random = new Random(20260102);
        var seen = new HashSet<TextProblem>();
        for (var i = 0; i < rounds; i++)
        {
            // Mostly of a few pieces, so that much of it is kept.
            var some = random.GetItems(Pieces, random.Next(1, 6));
            var text = string.Concat(random.GetItems(some, random.Next(16)));
            foreach (var policy in Policies)
            {
                seen.Add(Check(text, policy).Problem);
            }
        }

        Assert.Equal(Enum.GetValues<TextProblem>(), seen.Order());
    }

    [Fact]
    public void No_character_gets_through_alone_that_nobody_sees()
    {
        for (var value = 1; value <= 0x10FFFF; value += value is < 0x20000 or (>= 0xE0000 and <= 0xE1000) ? 1 : 16)
        {
            if (Rune.TryCreate(value, out var rune))
            {
                var result = TextRules.Normalize($"a{rune}b", Policies[1]);
                if (IsUnseen(value) || Rune.IsControl(rune))
                {
                    Assert.False(result.IsValid, $"U+{value:X4}");
                }
                else if (Rune.IsLetterOrDigit(rune))
                {
                    Assert.True(result.IsValid, $"U+{value:X4}");
                }
            }
        }
    }

    private static TextResult Check(string text, TextPolicy policy)
    {
        var result = TextRules.Normalize(text, policy);
        Assert.True(Enum.IsDefined(result.Problem));
        Assert.Equal(result.IsValid, result.Problem == TextProblem.None);
        if (!result.IsValid)
        {
            Assert.Null(result.Text);
            Assert.False(
                policy.Invisible == InvisibleCharacters.Remove
                    && result.Problem is (TextProblem.BidirectionalControl or TextProblem.ZeroWidthCharacter)
            );
            Assert.False(policy.AllowEmpty && result.Problem == TextProblem.Empty);
            return result;
        }

        var kept = result.Text;
        Assert.True(kept.IsNormalized(NormalizationForm.FormC), Shown(text));
        Assert.Equal(kept.Trim(), kept);
        Assert.True(kept.Length > 0 || policy.AllowEmpty);
        Assert.InRange(new StringInfo(kept).LengthInTextElements, 0, policy.MaxGraphemes);
        var again = TextRules.Normalize(kept, policy);
        Assert.True(again.Text == kept, $"{Shown(text)} became {Shown(kept)}, and then {again.Problem}");
        var previous = new Rune(' ');
        foreach (var rune in kept.EnumerateRunes())
        {
            Assert.False(Rune.IsControl(rune) && !(policy.MultiLine && rune.Value is ('\n' or '\t')), Shown(text));
            Assert.False(rune.Value is 0x2028 or 0x2029 || (rune.Value & 0xFFFE) == 0xFFFE, Shown(text));
            Assert.False(
                IsUnseen(rune.Value) && !(IsForScripts(rune.Value) && (previous.Value > 0x7F || previous.Value is '1' or '#')),
                Shown(text)
            );
            previous = rune;
        }

        return result;
    }

    // Joiners and variation selectors.
    private static bool IsForScripts(int value) => value is 0x200C or 0x200D or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    /// <summary>Default_Ignorable_Code_Point (DerivedCoreProperties of Unicode 16) without the selectors of Mongolian, and the controls of the bidirectional algorithm.</summary>
    private static bool IsUnseen(int value) =>
        value
            is 0x00AD
                or 0x034F
                or 0x061C
                or 0x115F
                or 0x1160
                or 0x17B4
                or 0x17B5
                or 0x180E
                or (>= 0x200B and <= 0x200F)
                or (>= 0x202A and <= 0x202E)
                or (>= 0x2060 and <= 0x206F)
                or 0x3164
                or (>= 0xFE00 and <= 0xFE0F)
                or 0xFEFF
                or 0xFFA0
                or (>= 0xFFF0 and <= 0xFFF8)
                or (>= 0x1BCA0 and <= 0x1BCA3)
                or (>= 0x1D173 and <= 0x1D17A)
                or (>= 0xE0000 and <= 0xE0FFF);

    private static string Shown(string text) => string.Join(' ', text.Select(c => $"{(int)c:X4}"));
}
