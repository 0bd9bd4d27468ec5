using System.Buffers.Binary;
using System.Text;

namespace Autom8.Testing;

/// <summary>A text that was found, the form it was written in (<c>utf-8</c>, <c>base64</c> …), and where: a file and a byte offset (-1: in the file's name).</summary>
public sealed record ByteMatch(string Text, string Form, string File, long Offset);

/// <summary>
/// Looks for texts that must not be there, in every form in which careless code writes them, through all bytes of files: the proof
/// that nothing personal lies in plaintext in a database, its log, a program's log or a dump.
/// </summary>
/// <remarks>
/// Forms: as given and in lower and upper case; UTF-8, UTF-16 in both byte orders; base64 at any alignment, with both alphabets; hexadecimal;
/// percent-encoded; JSON-escaped; and for a phone number its digits alone. Adding is not thread-safe, searching is.
/// </remarks>
public sealed class ByteSearch
{
    /// <summary>Shorter patterns would be found by chance.</summary>
    private const int Shortest = 6;
    private const int ChunkSize = 1 << 20;

    private readonly Dictionary<uint, List<Pattern>> _patterns = [];
    private readonly HashSet<(string Form, string Bytes)> _known = [];
    private readonly ulong[] _starts = new ulong[1 << 10];
    private int _longest = Shortest;

    /// <summary>Adds a text in all its forms.</summary>
    /// <exception cref="ArgumentException">It is shorter than six bytes: it would be found by chance.</exception>
    public ByteSearch Add(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) < Shortest)
        {
            throw new ArgumentException($"'{text}' is too short to be searched for: it may occur by chance.", nameof(text));
        }
        AddForms(text, text);
        AddForms(text, text.ToLowerInvariant());
        AddForms(text, text.ToUpperInvariant());
        return this;
    }

    /// <summary>Adds a phone number in all forms of <see cref="Add"/>, as written and as its digits alone when these are at least nine.</summary>
    public ByteSearch AddPhone(string number)
    {
        Add(number);
        var digits = string.Concat(number.Where(char.IsAsciiDigit));
        if (digits.Length >= 9)
        {
            AddForms(number, digits);
        }
        return this;
    }

    /// <summary>Searches all files below a folder, their names included; a file that vanishes meanwhile is passed over.</summary>
    public IReadOnlyList<ByteMatch> SearchFolder(string folder)
    {
        var matches = new List<ByteMatch>();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Scan(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file)), (pattern, _) => matches.Add(pattern.At(file, -1)), 0);
            try
            {
                matches.AddRange(SearchFile(file));
            }
            catch (FileNotFoundException) { }
        }
        return matches;
    }

    /// <summary>Searches one file, which others may have open.</summary>
    public IReadOnlyList<ByteMatch> SearchFile(string file)
    {
        if (new FileInfo(file).Length == 0)
        {
            // An empty file holds nothing, and may be a lock that another process has: the runtime would not open it.
            return [];
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var matches = new List<ByteMatch>();
        var buffer = new byte[ChunkSize + _longest];
        var kept = 0;
        long start = 0;
        while (true)
        {
            var read = stream.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
            var filled = buffer.AsSpan(0, kept + read);
            var position = start;
            // What starts before the last pattern length is judged now, the rest together with the next chunk.
            var last = filled.Length < buffer.Length;
            var judged = last ? filled.Length : filled.Length - _longest;
            Scan(filled, (pattern, offset) => matches.Add(pattern.At(file, position + offset)), 0, judged);
            if (last)
            {
                return matches;
            }
            filled[judged..].CopyTo(buffer);
            kept = filled.Length - judged;
            start += judged;
        }
    }

    /// <summary>Searches bytes in memory; <paramref name="name"/> stands for the file in what is found.</summary>
    public IReadOnlyList<ByteMatch> Search(ReadOnlySpan<byte> bytes, string name)
    {
        var matches = new List<ByteMatch>();
        Scan(bytes, (pattern, offset) => matches.Add(pattern.At(name, offset)), 0);
        return matches;
    }

    private void Scan(ReadOnlySpan<byte> bytes, Action<Pattern, int> found, int from, int to = int.MaxValue)
    {
        var end = Math.Min(to, bytes.Length - Shortest + 1);
        for (var i = from; i < end; i++)
        {
            var start = BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..]);
            var bit = StartBit(start);
            if ((_starts[bit >> 6] & (1UL << (bit & 63))) == 0 || !_patterns.TryGetValue(start, out var candidates))
            {
                continue;
            }
            foreach (var candidate in candidates)
            {
                if (bytes[i..].StartsWith(candidate.Bytes))
                {
                    found(candidate, i);
                }
            }
        }
    }

    /// <summary>The first two bytes: a small table that rules out most positions without a dictionary.</summary>
    private static int StartBit(uint start) => (int)(start & 0xFFFF);

    private void AddForms(string text, string written)
    {
        var utf8 = Encoding.UTF8.GetBytes(written);
        AddPattern(text, "utf-8", utf8);
        AddPattern(text, "utf-16le", Encoding.Unicode.GetBytes(written));
        AddPattern(text, "utf-16be", Encoding.BigEndianUnicode.GetBytes(written));
        AddPattern(text, "hex", Ascii(Convert.ToHexString(utf8)));
        AddPattern(text, "hex", Ascii(Convert.ToHexStringLower(utf8)));
        AddPattern(text, "percent", Ascii(Uri.EscapeDataString(written)));
        AddPattern(text, "percent", Ascii(EscapeAllButAlphanumeric(utf8)));
        AddPattern(text, "json", Ascii(System.Text.Json.JsonEncodedText.Encode(written).ToString()));
        for (var alignment = 0; alignment < 3; alignment++)
        {
            var inner = InnerBase64(utf8, alignment);
            AddPattern(text, "base64", Ascii(inner));
            AddPattern(text, "base64", Ascii(inner.Replace('+', '-').Replace('/', '_')));
        }
    }

    /// <summary>The characters that a text always has in base64 when it starts at this byte of a group of three, whatever stands around it.</summary>
    private static string InnerBase64(byte[] bytes, int alignment)
    {
        var encoded = Convert.ToBase64String([.. new byte[alignment], .. bytes]);
        // A character holds six bits: those that also hold bits of a neighbour are cut off.
        var first = (alignment * 8 + 5) / 6;
        var end = (alignment + bytes.Length) * 8 / 6;
        return encoded[first..end];
    }

    private static string EscapeAllButAlphanumeric(byte[] utf8)
    {
        var text = new StringBuilder();
        foreach (var value in utf8)
        {
            _ = char.IsAsciiLetterOrDigit((char)value) ? text.Append((char)value) : text.Append('%').Append(Convert.ToHexString([value]));
        }
        return text.ToString();
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private void AddPattern(string text, string form, byte[] bytes)
    {
        if (bytes.Length < Shortest || !_known.Add((text, Convert.ToHexString(bytes))))
        {
            return;
        }
        var start = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var bit = StartBit(start);
        _starts[bit >> 6] |= 1UL << (bit & 63);
        if (!_patterns.TryGetValue(start, out var patterns))
        {
            _patterns.Add(start, patterns = []);
        }
        patterns.Add(new Pattern(text, form, bytes));
        _longest = Math.Max(_longest, bytes.Length);
    }

    private sealed record Pattern(string Text, string Form, byte[] Bytes)
    {
        public ByteMatch At(string file, long offset) => new(Text, Form, file, offset);
    }
}
