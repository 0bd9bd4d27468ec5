namespace Autom8.Contacts.Formats;

/// <summary>The outcome of looking for one row.</summary>
internal enum CsvScan
{
    Row,
    NeedsInput,
    Unclosed,
    TextAfterQuote,
    TooLarge,
    TooManyFields,
}

/// <summary>Finds the cells of one row (RFC 4180) without copying them.</summary>
/// <remarks>More lenient than the RFC: any line end, spaces around quotes, quotes within unquoted cells.</remarks>
internal sealed class CsvScanner(ContactReadLimits limits)
{
    private readonly List<CsvCell> _cells = [];

    public byte Delimiter { get; set; } = (byte)',';

    public IReadOnlyList<CsvCell> Cells => _cells;

    /// <summary>Bytes that the row takes with its line end; of a broken row, those that were looked at.</summary>
    public int Length { get; private set; }

    public CsvScan Scan(ReadOnlySpan<byte> input, bool completed)
    {
        _cells.Clear();
        int position = 0;
        while (true)
        {
            Length = position;
            if (_cells.Count == limits.Fields)
            {
                return CsvScan.TooManyFields;
            }
            int quote = position;
            while (quote < input.Length && input[quote] == ' ' && Delimiter != ' ')
            {
                quote++;
            }
            CsvScan scan =
                quote < input.Length && input[quote] == '"'
                    ? ScanQuoted(input, completed, quote + 1, ref position)
                    : ScanPlain(input, completed, ref position);
            if (scan != CsvScan.Row)
            {
                return scan == CsvScan.NeedsInput && input.Length >= limits.RecordBytes ? CsvScan.TooLarge : scan;
            }
            if (position < input.Length && input[position] == Delimiter)
            {
                position++;
                continue;
            }
            if (position < input.Length)
            {
                if (input[position] == '\r' && position + 1 == input.Length && !completed)
                {
                    return CsvScan.NeedsInput;
                }
                position += input[position..] is [(byte)'\r', (byte)'\n', ..] ? 2 : 1;
            }
            Length = position;
            return position > limits.RecordBytes ? CsvScan.TooLarge : CsvScan.Row;
        }
    }

    private CsvScan ScanPlain(ReadOnlySpan<byte> input, bool completed, ref int position)
    {
        int length = input[position..].IndexOfAny(Delimiter, (byte)'\r', (byte)'\n');
        if (length < 0)
        {
            if (!completed)
            {
                return CsvScan.NeedsInput;
            }
            length = input.Length - position;
        }
        _cells.Add(new CsvCell(position, length, HasQuotes: false));
        position += length;
        return CsvScan.Row;
    }

    private CsvScan ScanQuoted(ReadOnlySpan<byte> input, bool completed, int start, ref int position)
    {
        bool hasQuotes = false;
        int end = start;
        while (true)
        {
            int next = input[end..].IndexOf((byte)'"');
            if (next < 0)
            {
                Length = input.Length;
                return completed ? CsvScan.Unclosed
                    : input.Length >= limits.RecordBytes ? CsvScan.Unclosed
                    : CsvScan.NeedsInput;
            }
            end += next;
            if (end + 1 == input.Length && !completed)
            {
                return CsvScan.NeedsInput;
            }
            if (end + 1 == input.Length || input[end + 1] != '"')
            {
                break;
            }
            hasQuotes = true;
            end += 2;
        }
        int after = end + 1;
        while (after < input.Length && input[after] == ' ')
        {
            after++;
        }
        if (after == input.Length && !completed)
        {
            return CsvScan.NeedsInput;
        }
        if (after < input.Length && input[after] != Delimiter && input[after] is not ((byte)'\r' or (byte)'\n'))
        {
            Length = after;
            return CsvScan.TextAfterQuote;
        }
        _cells.Add(new CsvCell(start, end - start, hasQuotes));
        position = after;
        return CsvScan.Row;
    }
}

/// <summary>Where a cell's text stands in the input, without its outer quotes.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes.</param>
/// <param name="HasQuotes">Doubled quotes stand within.</param>
internal readonly record struct CsvCell(int Start, int Length, bool HasQuotes);
