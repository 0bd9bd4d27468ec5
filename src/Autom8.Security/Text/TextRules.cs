using System.Buffers;
using System.Globalization;
using System.Text;

namespace Autom8.Security.Text;

/// <summary>
/// Brings text that people send into one form: well-formed, NFC (UAX #15), trimmed, without characters that deceive a reader or a log, and bounded in length as a
/// reader counts it.
/// </summary>
/// <remarks>
/// Zero-width joiner and non-joiner are kept where scripts and emoji need them: between two characters beyond ASCII; a variation selector behind a character that has
/// variants. Other characters that nobody sees are not (the Default_Ignorable_Code_Points of Unicode), the tags of three regional flags among them, since tags can spell
/// a text of their own. Idempotent; safe for concurrent use.
/// </remarks>
public static class TextRules
{
    // No script needs more code units in a cluster; family emoji have 11. It bounds stacked combining marks.
    private const int MaxUnitsPerGrapheme = 16;

    // UAX #15, section 13. To put marks into their order takes time by the square of their number, so that more are never normalised.
    private const int MaxMarksInARow = 30;

    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>Normalises a text under a policy, or says what is wrong with it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The policy allows less than one grapheme.</exception>
    public static TextResult Normalize(string text, TextPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentOutOfRangeException.ThrowIfLessThan(policy.MaxGraphemes, 1, nameof(policy));
        var maxUnits = Math.Min((long)policy.MaxGraphemes * MaxUnitsPerGrapheme, int.MaxValue);
        if (text.Length > maxUnits * 2)
        {
            return TextResult.Refused(TextProblem.TooLong, policy.MaxGraphemes); // before any work that grows with it
        }

        if (!IsWellFormed(text))
        {
            return TextResult.Refused(TextProblem.IllFormed);
        }

        if (HasTower(text))
        {
            return TextResult.Refused(TextProblem.TooLong, policy.MaxGraphemes);
        }

        // In the normal form before it is judged: it makes ASCII of some characters that are not (the Kelvin sign). And after, since what is taken out may have stood
        // between a letter and its mark.
        var kept = new StringBuilder(text.Length);
        var problem = Keep(text.Normalize(NormalizationForm.FormC), policy, kept);
        if (problem != TextProblem.None)
        {
            return TextResult.Refused(problem);
        }

        // What was taken out may have kept two towers apart.
        var visible = kept.ToString();
        if (HasTower(visible))
        {
            return TextResult.Refused(TextProblem.TooLong, policy.MaxGraphemes);
        }

        var normal = visible.Normalize(NormalizationForm.FormC).Trim();
        if (normal.Length == 0)
        {
            return policy.AllowEmpty ? TextResult.Valid("") : TextResult.Refused(TextProblem.Empty);
        }

        return normal.Length > maxUnits || HasTower(normal) || Graphemes(normal, policy.MaxGraphemes) > policy.MaxGraphemes
            ? TextResult.Refused(TextProblem.TooLong, policy.MaxGraphemes)
            : TextResult.Valid(normal);
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var units) != OperationStatus.Done || IsNoncharacter(rune.Value))
            {
                return false;
            }

            text = text[units..];
        }

        return true;
    }

    private static bool HasTower(string text)
    {
        var marks = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            marks =
                rune.Value >= 0x300
                && Rune.GetUnicodeCategory(rune)
                    is UnicodeCategory.NonSpacingMark
                        or UnicodeCategory.SpacingCombiningMark
                        or UnicodeCategory.EnclosingMark
                    ? marks + 1
                    : 0;
            if (marks > MaxMarksInARow)
            {
                return true;
            }
        }

        return false;
    }

    private static TextProblem Keep(string text, TextPolicy policy, StringBuilder kept)
    {
        var previous = 0;
        for (var i = 0; i < text.Length; )
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var units);
            i += units;
            var problem = Judge(rune, previous, text.AsSpan(i), policy.MultiLine);
            if (
                problem is TextProblem.BidirectionalControl or TextProblem.ZeroWidthCharacter
                && policy.Invisible == InvisibleCharacters.Remove
            )
            {
                continue;
            }

            if (problem != TextProblem.None)
            {
                return problem;
            }

            if (rune.Value == '\r')
            {
                if (i < text.Length && text[i] == '\n')
                {
                    continue;
                }

                rune = new Rune('\n');
            }

            kept.Append(rune);
            previous = rune.Value;
        }

        return TextProblem.None;
    }

    private static TextProblem Judge(Rune rune, int previous, ReadOnlySpan<char> rest, bool multiLine) =>
        rune.Value switch
        {
            '\n' or '\r' or '\t' when multiLine => TextProblem.None,
            0x2028 or 0x2029 => TextProblem.ControlCharacter,
            0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) => TextProblem.BidirectionalControl,
            ZeroWidthNonJoiner or ZeroWidthJoiner => Joins(previous, rest) ? TextProblem.None : TextProblem.ZeroWidthCharacter,
            var value when IsSelector(value) => HasVariants(previous) ? TextProblem.None : TextProblem.ZeroWidthCharacter,
            var value when IsUnseen(value) => TextProblem.ZeroWidthCharacter,
            _ => Rune.IsControl(rune) ? TextProblem.ControlCharacter : TextProblem.None,
        };

    private static bool Joins(int previous, ReadOnlySpan<char> rest) =>
        (IsSelector(previous) || IsJoinable(previous))
        && Rune.DecodeFromUtf16(rest, out var next, out _) == OperationStatus.Done
        && IsJoinable(next.Value);

    // Digits, # and * are the keys of a keypad among the emoji.
    private static bool HasVariants(int previous) => previous is '#' or '*' or (>= '0' and <= '9') || IsJoinable(previous);

    private static bool IsJoinable(int value) =>
        value > 0x7F
        && !IsSelector(value)
        && !IsUnseen(value)
        && Rune.GetUnicodeCategory(new Rune(value))
            is not (
                UnicodeCategory.SpaceSeparator
                or UnicodeCategory.Format
                or UnicodeCategory.Control
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );

    private static bool IsSelector(int value) => value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    private static bool IsUnseen(int value) =>
        value
            is 0x00AD
                or 0x034F
                or 0x115F
                or 0x1160
                or 0x17B4
                or 0x17B5
                or 0x180E
                or 0x200B
                or (>= 0x2060 and <= 0x206F)
                or 0x3164
                or 0xFEFF
                or 0xFFA0
                or (>= 0xFFF0 and <= 0xFFFB)
                or (>= 0x1BCA0 and <= 0x1BCA3)
                or (>= 0x1D173 and <= 0x1D17A)
                or (>= 0xE0000 and <= 0xE0FFF);

    private static bool IsNoncharacter(int value) => (value & 0xFFFE) == 0xFFFE || value is >= 0xFDD0 and <= 0xFDEF;

    private static int Graphemes(string text, int limit)
    {
        var count = 0;
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty && count <= limit)
        {
            rest = rest[StringInfo.GetNextTextElementLength(rest)..];
            count++;
        }

        return count;
    }
}
