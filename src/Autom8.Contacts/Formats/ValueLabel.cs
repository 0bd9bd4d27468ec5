using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>The kinds of a phone number or address that vCard's TYPE parameter tells.</summary>
[Flags]
internal enum LabelTypes
{
    None = 0,
    Home = 1,
    Work = 2,
    Cell = 4,
    Fax = 8,
    Pager = 16,
    Main = 32,
    Other = 64,
    Preferred = 128,
}

/// <summary>One vocabulary of labels for all formats.</summary>
internal static class ValueLabel
{
    /// <summary>Reads one value, or several that stand in one pair of quotes, as the examples of RFC 6350 have them.</summary>
    public static LabelTypes ParseType(ReadOnlySpan<byte> type)
    {
        LabelTypes types = ParseSingle(type);
        while (type.IndexOf((byte)',') is >= 0 and var comma)
        {
            types |= ParseSingle(type[..comma]);
            type = type[(comma + 1)..];
            types |= ParseSingle(type);
        }
        return types;
    }

    private static LabelTypes ParseSingle(ReadOnlySpan<byte> type) =>
        type.Length switch
        {
            3 when Ascii.EqualsIgnoreCase(type, "FAX"u8) => LabelTypes.Fax,
            4 when Ascii.EqualsIgnoreCase(type, "HOME"u8) => LabelTypes.Home,
            4 when Ascii.EqualsIgnoreCase(type, "WORK"u8) => LabelTypes.Work,
            4 when Ascii.EqualsIgnoreCase(type, "CELL"u8) => LabelTypes.Cell,
            4 when Ascii.EqualsIgnoreCase(type, "MAIN"u8) => LabelTypes.Main,
            4 when Ascii.EqualsIgnoreCase(type, "PREF"u8) => LabelTypes.Preferred,
            5 when Ascii.EqualsIgnoreCase(type, "PAGER"u8) => LabelTypes.Pager,
            5 when Ascii.EqualsIgnoreCase(type, "OTHER"u8) => LabelTypes.Other,
            _ => LabelTypes.None,
        };

    public static string? FromTypes(LabelTypes types) =>
        types switch
        {
            _ when types.HasFlag(LabelTypes.Pager) => "pager",
            _ when types.HasFlag(LabelTypes.Fax | LabelTypes.Home) => "home fax",
            _ when types.HasFlag(LabelTypes.Fax | LabelTypes.Work) => "work fax",
            _ when types.HasFlag(LabelTypes.Fax) => "fax",
            _ when types.HasFlag(LabelTypes.Cell) => "mobile",
            _ when types.HasFlag(LabelTypes.Main) => "main",
            _ when types.HasFlag(LabelTypes.Home) => "home",
            _ when types.HasFlag(LabelTypes.Work) => "work",
            _ when types.HasFlag(LabelTypes.Other) => "other",
            _ => null,
        };

    /// <summary>The TYPE values that say <paramref name="label"/>, or <see langword="null"/> when only the owner's words can.</summary>
    public static string? ToTypes(string? label, bool isPhone) =>
        label switch
        {
            null => "",
            "home" => "home",
            "work" => "work",
            "mobile" when isPhone => "cell",
            "fax" when isPhone => "fax",
            "home fax" when isPhone => "home,fax",
            "work fax" when isPhone => "work,fax",
            "pager" when isPhone => "pager",
            _ => null,
        };

    /// <summary>A label in the words of a spreadsheet or of Apple's <c>X-ABLabel</c>, in ours where we have one.</summary>
    public static string? FromText(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.StartsWith("_$!<", StringComparison.Ordinal) && text.EndsWith(">!$_", StringComparison.Ordinal) && text.Length > 8)
        {
            text = text[4..^4];
        }
        return text switch
        {
            "" => null,
            "Home" => "home",
            "Work" or "Business" => "work",
            "Mobile" or "Cell" => "mobile",
            "Fax" or "Other Fax" or "OtherFAX" => "fax",
            "Home Fax" or "HomeFAX" => "home fax",
            "Work Fax" or "WorkFAX" => "work fax",
            "Pager" => "pager",
            "Main" => "main",
            "Other" => "other",
            _ => text.ToString(),
        };
    }

    /// <summary>A label in the words that Google's files use.</summary>
    public static string ToText(string? label) =>
        label switch
        {
            null => "",
            "home" => "Home",
            "work" => "Work",
            "mobile" => "Mobile",
            "fax" => "Other Fax",
            "home fax" => "Home Fax",
            "work fax" => "Work Fax",
            "pager" => "Pager",
            "main" => "Main",
            "other" => "Other",
            _ => label,
        };
}
