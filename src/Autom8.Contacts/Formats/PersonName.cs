using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>Puts a name together from its parts, for files that give nothing else.</summary>
internal static class PersonName
{
    /// <summary>In Western order with spaces; family name first and without a space where both are written in Chinese, Japanese or Korean script.</summary>
    public static string Compose(string? prefix, string? given, string? additional, string? family, string? suffix)
    {
        if (IsEastAsian(given) && IsEastAsian(family) && additional is null)
        {
            return string.Concat(family, given);
        }
        StringBuilder name = new();
        foreach (string? part in (ReadOnlySpan<string?>)[prefix, given, additional, family, suffix])
        {
            if (!string.IsNullOrEmpty(part))
            {
                name.Append(name.Length > 0 ? " " : "").Append(part);
            }
        }
        return name.ToString();
    }

    private static bool IsEastAsian(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }
        foreach (char c in text)
        {
            // Kana, unified ideographs with extension A, Hangul syllables, compatibility ideographs.
            if (
                c
                is not (
                    (>= '\u3040' and <= '\u30FF')
                    or (>= '\u3400' and <= '\u9FFF')
                    or (>= '\uAC00' and <= '\uD7A3')
                    or (>= '\uF900' and <= '\uFAFF')
                )
            )
            {
                return false;
            }
        }
        return true;
    }
}
