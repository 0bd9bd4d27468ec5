using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>Cuts a window into rows and deals with those that are broken.</summary>
internal sealed class CsvParser(InputWindow window, ContactReadLimits limits) : IDisposable
{
    // What may be read again after rows whose quotes do not match, over the whole input: bounds the time that a hostile file takes.
    private const long RereadBytes = 64 << 20;

    private readonly CsvScanner _scanner = new(limits);
    private readonly ValueText _text = new();
    private CsvRowMapper? _mapper;
    private long _reread = RereadBytes;
    private int _line = 1;
    private bool _begun;
    private bool _dropping;
    private bool _recovering;

    /// <summary>Nothing more can be read, however much input is left.</summary>
    public bool HasEnded { get; private set; }

    public bool TryRead(out ImportItem item)
    {
        item = default;
        while (!HasEnded)
        {
            if (_dropping && !DropLine())
            {
                return false;
            }
            ReadOnlySpan<byte> unread = window.Unread;
            if (unread.IsEmpty || (!_begun && !Begin(ref unread)))
            {
                return false;
            }
            CsvScan scan = _scanner.Scan(unread, window.Completed);
            if (scan == CsvScan.NeedsInput)
            {
                return false;
            }
            bool found = scan == CsvScan.Row ? TakeRow(unread[.._scanner.Length], out item) : TakeFault(unread, scan, out item);
            if (found)
            {
                return true;
            }
        }
        return false;
    }

    public void Dispose() => _text.Dispose();

    private static int CountLines(ReadOnlySpan<byte> text)
    {
        int lines = text.Count((byte)'\n');
        for (int next; (next = text.IndexOf((byte)'\r')) >= 0; text = text[(next + 1)..])
        {
            lines += next + 1 < text.Length && text[next + 1] == '\n' ? 0 : 1;
        }
        return lines;
    }

    /// <summary>Chooses the delimiter by the first line, or takes it from <c>sep=;</c>, a line that spreadsheets write for one another.</summary>
    private bool Begin(ref ReadOnlySpan<byte> unread)
    {
        int end = unread.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0 && !window.Completed && !window.IsFull)
        {
            return false;
        }
        ReadOnlySpan<byte> line = end < 0 ? unread : unread[..end];
        if (line.Length == 5 && Ascii.EqualsIgnoreCase(line[..4], "sep="u8))
        {
            if (end + 1 == unread.Length && !window.Completed)
            {
                return false;
            }
            _scanner.Delimiter = line[4] is (byte)'"' ? (byte)',' : line[4];
            Consume(unread, end < 0 ? unread.Length : end + (unread[end..] is [(byte)'\r', (byte)'\n', ..] ? 2 : 1));
            unread = window.Unread;
        }
        else
        {
            _scanner.Delimiter = (byte)
                CsvColumns.BestDelimiter(_text.Decode(line[..Math.Min(line.Length, ContactFormat.DetectionBytes * 4)]));
        }
        _begun = true;
        return !unread.IsEmpty || window.Completed;
    }

    private bool TakeRow(ReadOnlySpan<byte> row, out ImportItem item)
    {
        item = default;
        int line = _line;
        Consume(row, row.Length);
        IReadOnlyList<CsvCell> cells = _scanner.Cells;
        if (CsvRowMapper.IsBlank(cells))
        {
            return false;
        }
        if (_mapper is null)
        {
            _mapper = new CsvRowMapper(_text);
            if (_mapper.TryReadHeader(row, cells))
            {
                return false;
            }
            HasEnded = true;
            item = Fault(
                line,
                ImportFaultKind.UnknownFormat,
                "The first line names no column that is known.",
                "Put column names on the first line, as Google and Outlook do; for example: Name,E-mail 1 - Value,Phone 1 - Value."
            );
            return true;
        }
        if (_recovering && (cells.Count != _mapper.ColumnCount || HasStrayQuote(row, cells)))
        {
            item = Fault(
                line,
                ImportFaultKind.Malformed,
                "The line follows a row whose quotes do not match and has not the header's number of cells: it may be the rest of that row.",
                "Mend the quotes of the row before."
            );
            return true;
        }
        _recovering = false;
        if (_mapper.HasSurplus(cells))
        {
            item = Fault(
                line,
                ImportFaultKind.TooManyFields,
                $"The row has {cells.Count} cells, the header has {_mapper.ColumnCount} columns.",
                "Put double quotes around a cell that holds the delimiter."
            );
            return true;
        }
        item = _mapper.Map(row, cells, line) is { } record
            ? new ImportItem(record)
            : Fault(
                line,
                ImportFaultKind.NothingToIdentify,
                "The row has no name, no phone number and no e-mail address.",
                "Fill in at least one of them, or remove the row."
            );
        return true;
    }

    private bool TakeFault(ReadOnlySpan<byte> unread, CsvScan scan, out ImportItem item)
    {
        item = scan switch
        {
            CsvScan.Unclosed => Fault(
                _line,
                ImportFaultKind.Unterminated,
                "A double quote opens in this row and does not close.",
                "Close it before the next delimiter, and write a quote within quotes twice."
            ),
            CsvScan.TextAfterQuote => Fault(
                _line,
                ImportFaultKind.Malformed,
                "Text follows a closing double quote in this row.",
                "Put quotes around the whole cell, and write a quote within quotes twice."
            ),
            CsvScan.TooLarge => Fault(
                _line,
                ImportFaultKind.TooLarge,
                $"The row is larger than {limits.RecordBytes} bytes.",
                "Shorten it, or close its quotes."
            ),
            _ => Fault(
                _line,
                ImportFaultKind.TooManyFields,
                $"The row has more than {limits.Fields} cells.",
                "Check the delimiter, or remove columns."
            ),
        };
        // The row's first line is lost; what its quotes swallowed is read again.
        _reread -= _scanner.Length;
        if (_reread < 0)
        {
            Consume(unread, _scanner.Length);
        }
        HasEnded = _mapper is null;
        _dropping = true;
        _recovering = true;
        return true;
    }

    private static bool HasStrayQuote(ReadOnlySpan<byte> row, IReadOnlyList<CsvCell> cells)
    {
        for (int i = 0; i < cells.Count; i++)
        {
            CsvCell cell = cells[i];
            if (!cell.HasQuotes && row.Slice(cell.Start, cell.Length).Contains((byte)'"'))
            {
                return true;
            }
        }
        return false;
    }

    private bool DropLine()
    {
        ReadOnlySpan<byte> unread = window.Unread;
        int end = unread.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0 || (unread[end] == '\r' && end + 1 == unread.Length && !window.Completed && !window.IsFull))
        {
            window.Advance(end < 0 ? unread.Length : end);
            return false;
        }
        Consume(unread, end + (unread[end..] is [(byte)'\r', (byte)'\n', ..] ? 2 : 1));
        _dropping = false;
        return true;
    }

    private void Consume(ReadOnlySpan<byte> unread, int count)
    {
        _line += CountLines(unread[..count]);
        window.Advance(count);
    }

    private static ImportItem Fault(int line, ImportFaultKind kind, string problem, string remedy) =>
        new(new ImportFault(line, line, kind, problem, remedy));
}
