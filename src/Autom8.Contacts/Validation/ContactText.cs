using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Autom8.Contacts.Validation;

/// <summary>The one form in which text is kept: NFC, trimmed, line breaks as <c>\n</c>, and nothing in it that cannot be seen.</summary>
internal static class ContactText
{
    // A grapheme cluster has no upper bound (UAX #29): this one leaves room for every script and emoji, and none for stacks of marks.
    private const int MaxUnitsPerGrapheme = 16;

    /// <summary>Brings text into its form, null when nothing is left of it, or says what is wrong.</summary>
    /// <param name="text">As given.</param>
    /// <param name="what">What it is, to begin a sentence with.</param>
    /// <param name="maxLength">In grapheme clusters.</param>
    /// <param name="multiline">Whether line breaks and tabs are allowed.</param>
    /// <param name="canonical">The text, when the result is true.</param>
    /// <param name="problem">What is wrong, when the result is false.</param>
    public static bool TryCanonicalize(
        string? text,
        string what,
        int maxLength,
        bool multiline,
        out string? canonical,
        [NotNullWhen(false)] out string? problem
    )
    {
        (canonical, problem) = (null, null);
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        // Before any work is done on it.
        if (text.Length > maxLength * MaxUnitsPerGrapheme)
        {
            problem = TooLong(what, maxLength);
            return false;
        }

        if (FindProblem(text, what, multiline) is { } found)
        {
            problem = found;
            return false;
        }

        var composed = (multiline ? text.ReplaceLineEndings("\n") : text).Trim().Normalize(NormalizationForm.FormC);
        if (composed.Length > maxLength && new StringInfo(composed).LengthInTextElements > maxLength)
        {
            problem = TooLong(what, maxLength);
            return false;
        }

        canonical = composed;
        return true;
    }

    private static string? FindProblem(string text, string what, bool multiline)
    {
        Rune? previous = null;
        for (var rest = text.AsSpan(); !rest.IsEmpty; )
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != OperationStatus.Done)
            {
                return $"{what} must be well-formed Unicode: it has half of a surrogate pair.";
            }

            rest = rest[length..];
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control when !(multiline && rune.Value is '\n' or '\r' or '\t'):
                case UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator when !multiline:
                    return multiline
                        ? $"{what} must not hold control characters other than line breaks and tabs."
                        : $"{what} must not hold control characters or line breaks.";
                case UnicodeCategory.Format when !Joins(rune, previous, rest):
                    return $"{what} must not hold invisible characters: none without width, and none that turn the direction of writing.";
                default:
                    previous = rune;
                    break;
            }
        }

        return null;
    }

    /// <summary>The two joiners shape Persian, the scripts of India, and emoji: there they stand between two visible characters outside ASCII.</summary>
    private static bool Joins(Rune rune, Rune? previous, ReadOnlySpan<char> rest) =>
        rune.Value is 0x200C or 0x200D
        && previous is { } before
        && IsShaped(before)
        && Rune.DecodeFromUtf16(rest, out var after, out _) == OperationStatus.Done
        && IsShaped(after);

    private static bool IsShaped(Rune rune) =>
        !rune.IsAscii
        && !Rune.IsWhiteSpace(rune)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.Control);

    private static string TooLong(string what, int maxLength) =>
        string.Create(CultureInfo.InvariantCulture, $"{what} must have at most {maxLength} characters.");
}
