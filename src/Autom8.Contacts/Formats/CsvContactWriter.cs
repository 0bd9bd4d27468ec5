using System.Buffers;
using System.Globalization;
using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>Writes CSV (RFC 4180, UTF-8, CRLF) under the headers that Google Contacts uses now, so that Google, Outlook and spreadsheets read it.</summary>
/// <remarks>
/// <para>Two columns stand after Google's: <c>Name</c>, the formatted name, and <c>UID</c>, for which Google has none. Numbers and addresses beyond
/// the columns there are share the last one, joined by <c> ::: </c>, and so do their labels. The preferred one is marked by an asterisk before its label.</para>
/// <para>Against formula injection (CWE-1236) an apostrophe is put before a cell that begins with <c>= + - @ '</c>, tab or carriage return, and
/// <see cref="CsvContactReader"/> takes it away again; phone numbers in digits and punctuation keep their plus sign in front.</para>
/// </remarks>
public sealed class CsvContactWriter : IContactWriter
{
    private const int PhoneColumns = 5;
    private const int EmailColumns = 5;
    private const string ValueSeparator = " ::: ";

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    private readonly bool _byteOrderMark;

    /// <summary>Makes a writer.</summary>
    /// <param name="byteOrderMark">Whether a byte order mark comes first: Excel needs it to see UTF-8.</param>
    public CsvContactWriter(bool byteOrderMark = false) => _byteOrderMark = byteOrderMark;

    /// <inheritdoc/>
    public string MediaType => "text/csv";

    /// <inheritdoc/>
    public string FileExtension => ".csv";

    /// <inheritdoc/>
    public void WriteHeader(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        StringBuilder header = new(_byteOrderMark ? "\uFEFF" : "");
        header.Append("First Name,Middle Name,Last Name,Nickname,Organization Name,Organization Title,Notes,Labels");
        for (int i = 1; i <= EmailColumns; i++)
        {
            header.Append(CultureInfo.InvariantCulture, $",E-mail {i} - Label,E-mail {i} - Value");
        }
        for (int i = 1; i <= PhoneColumns; i++)
        {
            header.Append(CultureInfo.InvariantCulture, $",Phone {i} - Label,Phone {i} - Value");
        }
        header.Append(",Name,UID\r\n");
        Encoding.UTF8.GetBytes(header.ToString(), output);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, ContactRecord record)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(record);
        StringBuilder row = new(256);
        Append(row, record.GivenName);
        Append(row, null);
        Append(row, record.FamilyName);
        Append(row, null);
        Append(row, record.Organization);
        Append(row, record.Title);
        Append(row, record.Note);
        Append(row, null);
        AppendValues(row, record.Emails, EmailColumns);
        AppendValues(row, record.Phones, PhoneColumns);
        Append(row, record.FormattedName);
        Append(row, record.Uid);
        row.Length--;
        row.Append("\r\n");
        Encoding.UTF8.GetBytes(row.ToString(), output);
    }

    private static void AppendValues(StringBuilder row, IReadOnlyList<LabelledValue> values, int columns)
    {
        for (int i = 0; i < columns; i++)
        {
            if (i == columns - 1 && values.Count > columns)
            {
                Append(row, string.Join(ValueSeparator, values.Skip(i).Select(LabelOf)));
                Append(row, string.Join(ValueSeparator, values.Skip(i).Select(static v => v.Value)));
            }
            else
            {
                Append(row, i < values.Count ? LabelOf(values[i]) : null);
                Append(row, i < values.Count ? values[i].Value : null);
            }
        }
    }

    private static string LabelOf(LabelledValue value)
    {
        string label = ValueLabel.ToText(value.Label);
        return value.IsPreferred ? $"* {label}" : label;
    }

    /// <summary>Appends a cell and the delimiter after it.</summary>
    private static void Append(StringBuilder row, string? cell)
    {
        if (!string.IsNullOrEmpty(cell))
        {
            bool quoted = cell.AsSpan().ContainsAny(Quoted) || cell[0] is ' ' or '\t' || cell[^1] is ' ' or '\t';
            row.Append(quoted ? "\"" : "").Append(FormulaGuard.Needs(cell) ? "'" : "");
            row.Append(quoted ? cell.Replace("\"", "\"\"", StringComparison.Ordinal) : cell).Append(quoted ? "\"" : "");
        }
        row.Append(',');
    }
}
