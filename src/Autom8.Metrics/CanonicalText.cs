using System.Text;

namespace Autom8.Metrics;

/// <summary>Names and tag values as every engine can store them: bounded, valid UTF-16, without NUL (which PostgreSQL's text refuses).</summary>
internal static class CanonicalText
{
    public const int MaxLength = 256;

    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        if (text.Length > MaxLength)
        {
            text = text[..(char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
        }

        return IsClean(text) ? text : Clean(text);
    }

    private static bool IsClean(string text)
    {
        foreach (char c in text)
        {
            if (c == '\0' || char.IsSurrogate(c))
            {
                return false;
            }
        }

        return true;
    }

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) // a lone surrogate comes out as U+FFFD
        {
            clean.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return clean.ToString();
    }
}
