namespace Autom8.Contacts.Formats;

/// <summary>Makes a record of the cells of a row, by the columns of the header.</summary>
internal sealed class CsvRowMapper(ValueText text)
{
    private const string ValueSeparator = ":::";

    private CsvColumn[] _columns = [];
    private string?[] _labels = [];

    public int ColumnCount => _columns.Length;

    /// <summary>Understands a header; <see langword="false"/> when no column tells a name, a phone or an address.</summary>
    public bool TryReadHeader(ReadOnlySpan<byte> input, IReadOnlyList<CsvCell> cells)
    {
        _columns = new CsvColumn[cells.Count];
        for (int i = 0; i < cells.Count; i++)
        {
            CsvColumn column = CsvColumns.Find(Read(input, cells[i]));
            _columns[i] = IsTransportType(i, column) ? default : column;
        }
        _labels = new string?[_columns.Length];
        // Where names come as "Title", "First Name" the word means the prefix; without a job title it is the position.
        int title = Array.FindIndex(_columns, static c => c.Field == CsvField.Title);
        if (title < 0 && !_columns.Any(static c => c.Field is CsvField.Given or CsvField.Family))
        {
            for (int i = 0; i < _columns.Length; i++)
            {
                _columns[i] = _columns[i].Field == CsvField.Prefix ? new CsvColumn(CsvField.Title) : _columns[i];
            }
        }
        return Array.Exists(
            _columns,
            static c => c.Field is CsvField.FullName or CsvField.Given or CsvField.Family or CsvField.Phone or CsvField.Email
        );

        // Google's type is a label and stands before its value; Outlook's says SMTP and stands after the address with the same number.
        bool IsTransportType(int index, CsvColumn column) =>
            column.Field == CsvField.EmailLabel && index > 0 && _columns[index - 1] == new CsvColumn(CsvField.Email, column.Slot);
    }

    /// <summary>Whether the row has text in cells for which there is no column.</summary>
    public bool HasSurplus(IReadOnlyList<CsvCell> cells)
    {
        for (int i = _columns.Length; i < cells.Count; i++)
        {
            if (cells[i].Length > 0)
            {
                return true;
            }
        }
        return false;
    }

    public static bool IsBlank(IReadOnlyList<CsvCell> cells)
    {
        for (int i = 0; i < cells.Count; i++)
        {
            if (cells[i].Length > 0)
            {
                return false;
            }
        }
        return true;
    }

    public ContactRecord? Map(ReadOnlySpan<byte> input, IReadOnlyList<CsvCell> cells, int line)
    {
        ContactDraft draft = new(line);
        string? department = null;
        Array.Clear(_labels);
        int count = Math.Min(cells.Count, _columns.Length);
        for (int i = 0; i < count; i++)
        {
            CsvColumn column = _columns[i];
            if (column.Field == CsvField.Ignored || cells[i].Length == 0)
            {
                continue;
            }
            ReadOnlySpan<char> cell = Read(input, cells[i]);
            if (cell.IsEmpty)
            {
                continue;
            }
            switch (column.Field)
            {
                case CsvField.FullName:
                    draft.FullName ??= cell.ToString();
                    break;
                case CsvField.Prefix:
                    draft.Prefix ??= cell.ToString();
                    break;
                case CsvField.Given:
                    draft.Given ??= cell.ToString();
                    break;
                case CsvField.Additional:
                    draft.Additional ??= cell.ToString();
                    break;
                case CsvField.Family:
                    draft.Family ??= cell.ToString();
                    break;
                case CsvField.Suffix:
                    draft.Suffix ??= cell.ToString();
                    break;
                case CsvField.Nickname:
                    draft.Nickname ??= cell.ToString();
                    break;
                case CsvField.Organization:
                    draft.Organization ??= cell.ToString();
                    break;
                case CsvField.Department:
                    department ??= cell.ToString();
                    break;
                case CsvField.Title:
                    draft.Title ??= cell.ToString();
                    break;
                case CsvField.Note:
                    draft.Note = ContactDraft.Join(draft.Note, cell.ToString(), "\n");
                    break;
                case CsvField.Uid:
                    draft.Uid ??= cell.ToString();
                    break;
                case CsvField.PhoneLabel:
                case CsvField.EmailLabel:
                    _labels[i] = cell.ToString();
                    break;
                case CsvField.Phone:
                    AddValues(draft.Phones, cell, column.Label ?? LabelBefore(i, CsvField.PhoneLabel));
                    break;
                case CsvField.Email:
                    AddValues(draft.Emails, cell, column.Label ?? LabelBefore(i, CsvField.EmailLabel));
                    break;
            }
        }
        draft.Organization = ContactDraft.Join(draft.Organization, department, ", ");
        return draft.Complete();
    }

    /// <summary>Google puts the label into the column before the value, with the same number.</summary>
    private string? LabelBefore(int index, CsvField field) =>
        index > 0 && _columns[index - 1].Field == field && _columns[index - 1].Slot == _columns[index].Slot ? _labels[index - 1] : null;

    private static void AddValues(List<LabelledValue> values, ReadOnlySpan<char> cell, string? label)
    {
        if (!cell.Contains(ValueSeparator, StringComparison.Ordinal))
        {
            Add(values, cell, label);
            return;
        }
        // Google gives all values of a cell one label; our own files give each its own.
        string[] labels = label is null ? [] : label.Split(ValueSeparator);
        int count = 0;
        foreach (Range part in cell.Split(ValueSeparator))
        {
            string? own = labels.Length > 1 ? (count < labels.Length ? labels[count] : null) : label;
            Add(values, cell[part].Trim(), own);
            count++;
        }
    }

    private static void Add(List<LabelledValue> values, ReadOnlySpan<char> value, string? label)
    {
        if (value.IsEmpty)
        {
            return;
        }
        // An asterisk marks the first among several of a kind.
        ReadOnlySpan<char> words = label.AsSpan().Trim();
        bool preferred = words is ['*'] or ['*', ' ', ..];
        values.Add(new LabelledValue(value.ToString(), ValueLabel.FromText(preferred ? words[1..] : words), preferred));
    }

    /// <summary>The text of a cell: quotes undoubled, formula guard and surrounding space removed, line breaks made <c>\n</c>.</summary>
    private ReadOnlySpan<char> Read(ReadOnlySpan<byte> input, CsvCell cell)
    {
        Span<char> decoded = text.Decode(input.Slice(cell.Start, cell.Length));
        int length = decoded.IndexOfAny('"', '\r');
        if (length >= 0)
        {
            for (int i = length; i < decoded.Length; i++)
            {
                char c = decoded[i];
                bool pair =
                    i + 1 < decoded.Length
                    && ((c == '"' && cell.HasQuotes && decoded[i + 1] == '"') || (c == '\r' && decoded[i + 1] == '\n'));
                decoded[length++] = c == '\r' ? '\n' : c;
                i += pair ? 1 : 0;
            }
            decoded = decoded[..length];
        }
        return FormulaGuard.Remove(((ReadOnlySpan<char>)decoded).Trim());
    }
}
