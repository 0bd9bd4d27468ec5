using System.Buffers;
using System.Globalization;
using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>The versions of vCard that are written.</summary>
public enum VCardVersion
{
    /// <summary>RFC 2426: what the most programs read.</summary>
    V3 = 3,

    /// <summary>RFC 6350.</summary>
    V4 = 4,
}

/// <summary>Writes vCards strictly by the RFC: CRLF, lines of at most 75 octets that never split a character, escaped text.</summary>
/// <remarks>
/// Control characters other than tab and line break, which no version allows, are left out. Labels that the version has no TYPE for are written as Apple
/// does, <c>item1.X-ABLabel</c>. What <see cref="VCardReader"/> reads back equals what was written, where that was trimmed and had a name.
/// </remarks>
public sealed class VCardWriter : IContactWriter
{
    private const int LineOctets = 75;

    private readonly bool _version3;

    /// <summary>Makes a writer.</summary>
    /// <param name="version">The version to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">The version is not one of <see cref="VCardVersion"/>.</exception>
    public VCardWriter(VCardVersion version = VCardVersion.V4)
    {
        if (version is not (VCardVersion.V3 or VCardVersion.V4))
        {
            throw new ArgumentOutOfRangeException(nameof(version), version, "vCard is written in version 3.0 or 4.0.");
        }
        _version3 = version == VCardVersion.V3;
    }

    /// <inheritdoc/>
    public string MediaType => "text/vcard";

    /// <inheritdoc/>
    public string FileExtension => ".vcf";

    /// <inheritdoc/>
    public void WriteHeader(IBufferWriter<byte> output) { }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, ContactRecord record)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(record);
        StringBuilder line = new(128);
        int group = 0;

        WriteLine(output, line.Append("BEGIN:VCARD"));
        WriteLine(output, line.Append(_version3 ? "VERSION:3.0" : "VERSION:4.0"));
        if (record.Uid is { Length: > 0 } uid)
        {
            WriteUid(output, line, uid);
        }
        WriteLine(output, AppendEscaped(line.Append("FN:"), NameOf(record)));
        if (_version3 || record.FamilyName is not null || record.GivenName is not null)
        {
            AppendEscaped(line.Append("N:"), record.FamilyName ?? "");
            WriteLine(output, AppendEscaped(line.Append(';'), record.GivenName ?? "").Append(";;;"));
        }
        WriteText(output, line, "ORG:", record.Organization);
        WriteText(output, line, "TITLE:", record.Title);
        foreach (LabelledValue phone in record.Phones)
        {
            WriteValue(output, line, phone, isPhone: true, ref group);
        }
        foreach (LabelledValue email in record.Emails)
        {
            WriteValue(output, line, email, isPhone: false, ref group);
        }
        WriteText(output, line, "NOTE:", record.Note);
        WriteLine(output, line.Append("END:VCARD"));
    }

    /// <summary>FN is required and not empty in both versions.</summary>
    private static string NameOf(ContactRecord record)
    {
        if (record.FormattedName.Length > 0)
        {
            return record.FormattedName;
        }
        string name = PersonName.Compose(null, record.GivenName, null, record.FamilyName, null);
        return name.Length > 0 ? name
            : record.Organization is { Length: > 0 } organization ? organization
            : record.Emails.Count > 0 ? record.Emails[0].Value
            : record.Phones.Count > 0 ? record.Phones[0].Value
            : "";
    }

    private void WriteUid(IBufferWriter<byte> output, StringBuilder line, string uid)
    {
        // 4.0 takes a UID for a URI unless told otherwise (RFC 6350, 6.7.6); in a URI nothing is escaped.
        bool uri = !_version3 && Uri.IsWellFormedUriString(uid, UriKind.Absolute) && !uid.Contains('\\', StringComparison.Ordinal);
        if (uri)
        {
            WriteLine(output, line.Append("UID:").Append(uid));
            return;
        }
        WriteLine(output, AppendEscaped(line.Append(_version3 ? "UID:" : "UID;VALUE=text:"), uid));
    }

    private static void WriteText(IBufferWriter<byte> output, StringBuilder line, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            WriteLine(output, AppendEscaped(line.Append(name), value));
        }
    }

    private void WriteValue(IBufferWriter<byte> output, StringBuilder line, LabelledValue value, bool isPhone, ref int group)
    {
        string? types = ValueLabel.ToTypes(value.Label, isPhone);
        if (types is null)
        {
            group++;
            line.Append(CultureInfo.InvariantCulture, $"item{group}.");
        }
        line.Append(isPhone ? "TEL" : "EMAIL");
        if (!string.IsNullOrEmpty(types))
        {
            line.Append(";TYPE=").Append(types);
        }
        if (value.IsPreferred)
        {
            line.Append(_version3 ? ";TYPE=pref" : ";PREF=1");
        }
        WriteLine(output, AppendEscaped(line.Append(':'), value.Value));
        if (types is null)
        {
            WriteLine(output, AppendEscaped(line.Append(CultureInfo.InvariantCulture, $"item{group}.X-ABLabel:"), value.Label!));
        }
    }

    private static StringBuilder AppendEscaped(StringBuilder line, string value)
    {
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            switch (c)
            {
                case '\\' or ',' or ';':
                    line.Append('\\').Append(c);
                    break;
                case '\r' when i + 1 < value.Length && value[i + 1] == '\n':
                    break;
                case '\r' or '\n':
                    line.Append("\\n");
                    break;
                case '\t':
                    line.Append(c);
                    break;
                default:
                    if (!char.IsControl(c))
                    {
                        line.Append(c);
                    }
                    break;
            }
        }
        return line;
    }

    /// <summary>Folds at 75 octets without the line break, the space that begins a continued line among them, and clears <paramref name="line"/>.</summary>
    private static void WriteLine(IBufferWriter<byte> output, StringBuilder line)
    {
        string text = line.ToString();
        line.Clear();
        byte[] encoded = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        ReadOnlySpan<byte> rest = encoded.AsSpan(0, Encoding.UTF8.GetBytes(text, encoded));
        int room = LineOctets;
        while (rest.Length > room)
        {
            int end = room;
            while ((rest[end] & 0xC0) == 0x80)
            {
                end--;
            }
            output.Write(rest[..end]);
            output.Write("\r\n "u8);
            rest = rest[end..];
            room = LineOctets - 1;
        }
        output.Write(rest);
        output.Write("\r\n"u8);
        ArrayPool<byte>.Shared.Return(encoded, clearArray: true);
    }
}
