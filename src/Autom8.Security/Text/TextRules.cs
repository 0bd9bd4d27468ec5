using System.Buffers;
using System.Globalization;
using System.Text;

namespace Autom8.Security.Text;

/// <summary>
/// Brings text that people send into one form: well-formed, NFC (UAX #15), trimmed, without characters that deceive a reader or a log, and bounded in length as a
/// reader counts it.
/// </summary>
/// <remarks>
/// Zero-width joiner and non-joiner are kept where scripts and emoji need them: between two characters beyond ASCII. Idempotent; safe for concurrent use.
/// </remarks>
public static class TextRules
{
    // No script needs more code units in a cluster; family emoji have 11. It bounds stacked combining marks.
    private const int MaxUnitsPerGrapheme = 16;

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

        var kept = new StringBuilder(text.Length);
        var problem = Keep(text, policy, kept);
        if (problem != TextProblem.None)
        {
            return TextResult.Refused(problem);
        }

        var normal = kept.ToString().Normalize(NormalizationForm.FormC).Trim();
        if (normal.Length == 0)
        {
            return policy.AllowEmpty ? TextResult.Valid("") : TextResult.Refused(TextProblem.Empty);
        }

        return normal.Length > maxUnits || Graphemes(normal, policy.MaxGraphemes) > policy.MaxGraphemes
            ? TextResult.Refused(TextProblem.TooLong, policy.MaxGraphemes)
            : TextResult.Valid(normal);
    }

    private static TextProblem Keep(string text, TextPolicy policy, StringBuilder kept)
    {
        var previous = 0;
        for (var i = 0; i < text.Length; )
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var units) != OperationStatus.Done || IsNoncharacter(rune.Value))
            {
                return TextProblem.IllFormed;
            }

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
            0x00AD
            or 0x034F
            or 0x180E
            or 0x200B
            or (>= 0x2060 and <= 0x2064)
            or (>= 0x206A and <= 0x206F)
            or 0xFEFF
            or (>= 0xFFF9 and <= 0xFFFB) => TextProblem.ZeroWidthCharacter,
            _ => Rune.IsControl(rune) ? TextProblem.ControlCharacter : TextProblem.None,
        };

    private static bool Joins(int previous, ReadOnlySpan<char> rest) =>
        IsJoinable(previous) && Rune.DecodeFromUtf16(rest, out var next, out _) == OperationStatus.Done && IsJoinable(next.Value);

    private static bool IsJoinable(int value) =>
        value > 0x7F
        && value is not (ZeroWidthJoiner or ZeroWidthNonJoiner)
        && Rune.GetUnicodeCategory(new Rune(value))
            is not (
                UnicodeCategory.SpaceSeparator
                or UnicodeCategory.Format
                or UnicodeCategory.Control
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );

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
