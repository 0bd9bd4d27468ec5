namespace Autom8.Contacts.Formats;

/// <summary>Physical lines of a window, ended by CRLF, LF or CR. A line longer than <paramref name="limit"/> is cut there and its rest dropped.</summary>
internal sealed class LineReader(InputWindow window, int limit)
{
    private int _scanned;
    private bool _dropping;

    /// <summary>Number, from 1, of the line taken last.</summary>
    public int LineNumber { get; private set; }

    /// <summary>Takes a line that is wholly in the window; <see langword="false"/> asks for more input, or is the end when the window is completed.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line, out bool cut)
    {
        line = default;
        cut = false;
        while (true)
        {
            ReadOnlySpan<byte> unread = window.Unread;
            int end = unread[_scanned..].IndexOfAny((byte)'\r', (byte)'\n');
            bool found = end >= 0;
            end = found ? end + _scanned : unread.Length;
            if (found && unread[end] == '\r' && end + 1 == unread.Length && !window.Completed && end < limit)
            {
                // The line feed of this CRLF may be still to come.
                _scanned = end;
                return false;
            }
            if (!found && !window.Completed && end < limit && !_dropping)
            {
                _scanned = end;
                return false;
            }
            if (!found && unread.IsEmpty)
            {
                _scanned = 0;
                return false;
            }

            _scanned = 0;
            if (_dropping)
            {
                window.Advance(end);
                if (!found)
                {
                    return false;
                }
                _dropping = false;
                window.Advance(TerminatorLength(unread[end..]));
                continue;
            }

            LineNumber++;
            if (end > limit || (!found && !window.Completed))
            {
                cut = true;
                line = unread[..limit];
                window.Advance(limit);
                _dropping = true;
                return true;
            }
            line = unread[..end];
            window.Advance(found ? end + TerminatorLength(unread[end..]) : end);
            return true;
        }
    }

    private static int TerminatorLength(ReadOnlySpan<byte> terminator) => terminator is [(byte)'\r', (byte)'\n', ..] ? 2 : 1;
}
