namespace Autom8.Contacts.Formats;

/// <summary>What people would write instead of a <c>tel:</c> (RFC 3966) or <c>mailto:</c> (RFC 6068) URI.</summary>
internal static class ContactUri
{
    public static string PhoneText(ReadOnlySpan<char> value)
    {
        if (!value.StartsWith("tel:", StringComparison.OrdinalIgnoreCase))
        {
            return value.ToString();
        }
        ReadOnlySpan<char> rest = value[4..];
        int end = rest.IndexOf(';');
        string number = Uri.UnescapeDataString(end < 0 ? rest : rest[..end]).Trim();
        while (end >= 0)
        {
            rest = rest[(end + 1)..];
            end = rest.IndexOf(';');
            ReadOnlySpan<char> parameter = end < 0 ? rest : rest[..end];
            if (parameter.StartsWith("ext=", StringComparison.OrdinalIgnoreCase))
            {
                number = $"{number} ext. {parameter[4..]}";
            }
            else if (parameter.StartsWith("phone-context=+", StringComparison.OrdinalIgnoreCase) && !number.StartsWith('+'))
            {
                number = $"{parameter[14..]} {number}";
            }
        }
        return number;
    }

    public static string EmailText(ReadOnlySpan<char> value)
    {
        if (!value.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            return value.ToString();
        }
        ReadOnlySpan<char> address = value[7..];
        int query = address.IndexOf('?');
        return Uri.UnescapeDataString(query < 0 ? address : address[..query]).Trim();
    }
}
