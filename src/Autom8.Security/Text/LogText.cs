using System.Globalization;
using System.Text;

namespace Autom8.Security.Text;

/// <summary>
/// Renders text from outside for a log, a terminal or an error message, so that it can neither begin a line of its own, nor steer a terminal, nor read otherwise than it is stored (CWE-117, UAX #9).
/// </summary>
public static class LogText
{
    private const int DefaultLength = 256;
    private const char Cut = '…';

    /// <summary>
    /// The text with every control, format, private-use or ill-formed character written as <c>\u{…}</c>, and cut after a length. A text that needs none of it is returned as it is.
    /// </summary>
    /// <param name="text">The text; null renders as nothing.</param>
    /// <param name="maxLength">How many characters are kept at most, at least 1. What is cut off shows as an ellipsis.</param>
    public static string Render(string? text, int maxLength = DefaultLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var rendered = new StringBuilder(Math.Min(text.Length, maxLength) + 1);
        for (var i = 0; i < text.Length; )
        {
            if (rendered.Length >= maxLength)
            {
                return rendered.Append(Cut).ToString();
            }

            var isRune = Rune.TryGetRuneAt(text, i, out var rune);
            if (isRune && IsPlain(rune))
            {
                rendered.Append(rune);
            }
            else
            {
                rendered.Append(CultureInfo.InvariantCulture, $"\\u{{{(isRune ? rune.Value : text[i]):x}}}");
            }

            i += isRune ? rune.Utf16SequenceLength : 1;
        }

        return rendered.Length == text.Length ? text : rendered.ToString();
    }

    private static bool IsPlain(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
            );
}
