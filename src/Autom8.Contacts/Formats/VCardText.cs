namespace Autom8.Contacts.Formats;

/// <summary>Escapes within vCard values: RFC 2426, section 4, and RFC 6350, section 3.4.</summary>
internal static class VCardText
{
    /// <summary>Takes the next component of a structured value off <paramref name="value"/>; <see langword="false"/> when none is left.</summary>
    public static bool TryTakeComponent(ref Span<char> value, out Span<char> component, ref bool more)
    {
        component = default;
        if (!more)
        {
            return false;
        }
        int end = 0;
        while (end < value.Length && value[end] != ';')
        {
            end += value[end] == '\\' && end + 1 < value.Length ? 2 : 1;
        }
        component = value[..end];
        more = end < value.Length;
        value = more ? value[(end + 1)..] : default;
        return true;
    }

    /// <summary>Resolves escapes in place, makes every line break <c>\n</c>, and trims.</summary>
    /// <param name="value">The escaped text; overwritten.</param>
    /// <param name="version21">vCard 2.1 knows no <c>\n</c>: there a backslash before a letter is a backslash.</param>
    public static ReadOnlySpan<char> Unescape(Span<char> value, bool version21)
    {
        int length = value.IndexOfAny('\\', '\r');
        if (length < 0)
        {
            return value.Trim();
        }
        for (int i = length; i < value.Length; i++)
        {
            char c = value[i];
            if (c == '\\' && i + 1 < value.Length)
            {
                char escaped = value[i + 1];
                if (escaped is '\\' or ';' or ',' or ':' or '"')
                {
                    c = escaped;
                    i++;
                }
                else if (escaped is 'n' or 'N' && !version21)
                {
                    c = '\n';
                    i++;
                }
            }
            else if (c == '\r')
            {
                c = '\n';
                i += i + 1 < value.Length && value[i + 1] == '\n' ? 1 : 0;
            }
            value[length++] = c;
        }
        return value[..length].Trim();
    }
}
