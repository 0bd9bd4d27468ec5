using System.Buffers;
using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>Unfolds lines and cuts them into cards. Whatever is wrong stays within its card: every BEGIN:VCARD is a fresh start.</summary>
/// <remarks>
/// A line is not known to be whole before the next is seen, so it is gathered in a buffer and dealt with when the next one does not continue it. There are four
/// ways to continue: folding by white space; the soft break of quoted-printable, an equals sign at the end; base64 of version 2.1, which runs on unindented to
/// the next line with a colon; and an AGENT of version 2.1, which holds a card within the card.
/// </remarks>
internal sealed class VCardParser(InputWindow window, ContactReadLimits limits) : IDisposable
{
    private const int HeadBytes = 1024;

    private readonly LineReader _lines = new(window, limits.RecordBytes);
    private readonly ValueText _text = new();
    private byte[] _content = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;
    private int _contentLine;
    private bool _pending;
    private bool _binary;
    private bool _softBreak;
    private bool _overflow;
    private Card? _card;
    private int _nested;
    private bool _agentExpected;
    private bool _strayReported;

    /// <summary>Takes the next item that the window completes; <see langword="false"/> asks for more input, or is the end when the window is completed.</summary>
    public bool TryRead(out ImportItem item)
    {
        while (_lines.TryRead(out ReadOnlySpan<byte> line, out bool cut))
        {
            if (line.StartsWith("\uFEFF"u8))
            {
                // Files put together from files have byte order marks in the middle.
                line = line[3..];
            }
            if (_pending && Continues(line))
            {
                _overflow |= cut;
                continue;
            }
            bool found = Dispatch(out item);
            Begin(line, cut);
            if (found)
            {
                return true;
            }
        }
        if (window.Completed)
        {
            if (Dispatch(out item))
            {
                return true;
            }
            if (_card is { } open)
            {
                _card = null;
                item = open.CompleteUnterminated(Math.Max(open.Line, _lines.LineNumber));
                return true;
            }
        }
        item = default;
        return false;
    }

    public void Dispose()
    {
        _text.Dispose();
        ArrayPool<byte>.Shared.Return(_content, clearArray: true);
        _content = [];
    }

    private static bool IsMark(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        line = line.Trim(" \t"u8);
        return line.Length > name.Length
            && Ascii.EqualsIgnoreCase(line[..name.Length], name)
            && line[name.Length..].TrimStart((byte)' ') is [(byte)':', .. var value]
            && Ascii.EqualsIgnoreCase(value.TrimStart((byte)' '), "VCARD"u8);
    }

    private static bool IsBinary(ReadOnlySpan<byte> line)
    {
        int end = line.IndexOfAny((byte)':', (byte)';');
        ReadOnlySpan<byte> name = end < 0 ? line : line[..end];
        name = name[(name.IndexOf((byte)'.') + 1)..];
        return name.Length switch
        {
            3 => Ascii.EqualsIgnoreCase(name, "KEY"u8),
            4 => Ascii.EqualsIgnoreCase(name, "LOGO"u8),
            5 => Ascii.EqualsIgnoreCase(name, "PHOTO"u8) || Ascii.EqualsIgnoreCase(name, "SOUND"u8),
            _ => false,
        };
    }

    private bool Continues(ReadOnlySpan<byte> line)
    {
        if (_softBreak && !IsMark(line, "END"u8) && !IsMark(line, "BEGIN"u8))
        {
            AppendQuotedPrintable(line);
            return true;
        }
        if (line is [(byte)' ' or (byte)'\t', ..])
        {
            // 2.1 folds where white space is, and keeps it; later versions add the white space.
            ReadOnlySpan<byte> rest = _card is { IsVersion21: true } && !_binary ? line : line[1..];
            if (rest is [.., (byte)'='])
            {
                AppendQuotedPrintable(rest);
            }
            else
            {
                Append(rest);
            }
            return true;
        }
        if (line.Contains((byte)':') || (!_binary && !HasEncoding(ValueEncoding.Base64)))
        {
            return false;
        }
        Append(line);
        return true;
    }

    private void Begin(ReadOnlySpan<byte> line, bool cut)
    {
        _pending = !line.Trim(" \t"u8).IsEmpty;
        _contentLine = _lines.LineNumber;
        _length = 0;
        _softBreak = false;
        _overflow = cut;
        _binary = _pending && _card is not null && IsBinary(line);
        if (_binary)
        {
            return;
        }
        if (line is [.., (byte)'='])
        {
            AppendQuotedPrintable(line);
        }
        else
        {
            Append(line);
        }
    }

    /// <summary>Appends a line that may end in a soft break, which is known only from the parameters before it.</summary>
    private void AppendQuotedPrintable(ReadOnlySpan<byte> line)
    {
        _softBreak = false;
        Append(line);
        if (line is [.., (byte)'='] && !_binary && HasEncoding(ValueEncoding.QuotedPrintable))
        {
            _softBreak = true;
            _length -= _overflow ? 0 : 1;
        }
    }

    private void Append(ReadOnlySpan<byte> part)
    {
        if (_binary || _overflow)
        {
            return;
        }
        if (_length + part.Length > limits.RecordBytes)
        {
            _overflow = true;
            return;
        }
        if (_length + part.Length > _content.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + part.Length, _content.Length * 2));
            _content.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_content, clearArray: true);
            _content = larger;
        }
        part.CopyTo(_content.AsSpan(_length));
        _length += part.Length;
    }

    /// <summary>What the parameters gathered so far declare; they are looked for in the first bytes only, so that every line costs the same.</summary>
    private bool HasEncoding(ValueEncoding encoding)
    {
        ReadOnlySpan<byte> head = _content.AsSpan(0, Math.Min(_length, HeadBytes));
        return ContentLine.TryParse(head, out ContentLine content)
            && !content.Parameters.IsEmpty
            && PropertyParameters.Read(content).Encoding == encoding;
    }

    /// <summary>Deals with the gathered line, if there is one.</summary>
    private bool Dispatch(out ImportItem item)
    {
        item = default;
        if (!_pending)
        {
            return false;
        }
        _pending = false;
        ReadOnlySpan<byte> content = _content.AsSpan(0, _length);
        bool agentExpected = _agentExpected;
        _agentExpected = false;

        if (IsMark(content, "BEGIN"u8))
        {
            if (agentExpected)
            {
                _nested++;
                return false;
            }
            bool unterminated = _card is not null;
            if (unterminated)
            {
                item = _card!.CompleteUnterminated(_contentLine);
            }
            _card = new Card(_contentLine, limits, _text);
            _nested = 0;
            _strayReported = false;
            return unterminated;
        }
        if (_card is null)
        {
            return ReportStray(out item);
        }
        if (IsMark(content, "END"u8))
        {
            if (_nested > 0)
            {
                _nested--;
                return false;
            }
            item = _card.Complete();
            _card = null;
            return true;
        }
        _agentExpected = _card.IsVersion21 && Ascii.EqualsIgnoreCase(content.Trim((byte)' '), "AGENT:"u8);
        if (_binary || _nested > 0)
        {
            return false;
        }
        if (_overflow)
        {
            _card.Fail(
                _contentLine,
                ImportFaultKind.TooLarge,
                $"A line of the card, unfolded, is longer than {limits.RecordBytes} bytes.",
                "Shorten the value that this line holds."
            );
            return false;
        }
        _card.Add(content, _contentLine);
        return false;
    }

    /// <summary>One fault for a run of lines outside any card, however long.</summary>
    private bool ReportStray(out ImportItem item)
    {
        item = default;
        if (_strayReported)
        {
            return false;
        }
        _strayReported = true;
        item = new ImportItem(
            new ImportFault(
                _contentLine,
                _contentLine,
                ImportFaultKind.OutsideRecord,
                "From this line on, text stands outside any card.",
                "Begin every card with BEGIN:VCARD on a line of its own."
            )
        );
        return true;
    }
}
