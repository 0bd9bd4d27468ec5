using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Autom8.Contacts.Formats;

/// <summary>Turns the bytes of a value into characters in buffers of its own, so that only what is kept becomes a string.</summary>
/// <remarks>What <c>TryDecode</c> hands out holds until the next call.</remarks>
internal sealed class ValueText : IDisposable
{
    private const int InitialLength = 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialLength);
    private char[] _chars = ArrayPool<char>.Shared.Rent(InitialLength);

    private static Encoding Windows1252 { get; } = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>Decodes UTF-8, or where it is none Windows-1252, which every sequence of bytes is.</summary>
    public Span<char> Decode(ReadOnlySpan<byte> value) => Decode(value, Utf8.IsValid(value) ? Encoding.UTF8 : Windows1252);

    /// <summary>Decodes a value as its parameters say; <see langword="false"/> when they cannot be followed.</summary>
    public bool TryDecode(ReadOnlySpan<byte> value, scoped in PropertyParameters parameters, out Span<char> text)
    {
        text = default;
        switch (parameters.Encoding)
        {
            case ValueEncoding.QuotedPrintable:
                value = DecodeQuotedPrintable(value);
                break;
            case ValueEncoding.Base64
                when Base64.DecodeFromUtf8(value, Reserve(value.Length), out _, out int written) == OperationStatus.Done:
                value = _bytes.AsSpan(0, written);
                break;
            case ValueEncoding.Base64 or ValueEncoding.Unknown:
                return false;
        }
        if (parameters.Charset.IsEmpty || Ascii.EqualsIgnoreCase(parameters.Charset, "UTF-8"u8))
        {
            text = Decode(value);
            return true;
        }
        if (FindEncoding(parameters.Charset) is not { } encoding)
        {
            return false;
        }
        text = Decode(value, encoding);
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        ArrayPool<char>.Shared.Return(_chars, clearArray: true);
        _bytes = [];
        _chars = [];
    }

    private static Encoding? FindEncoding(ReadOnlySpan<byte> charset)
    {
        // The longest name that IANA registers has 45 characters.
        if (charset.Length > 45 || !Ascii.IsValid(charset))
        {
            return null;
        }
        string name = Encoding.ASCII.GetString(charset).ToUpperInvariant();
        return name switch
        {
            "UTF8" => Encoding.UTF8,
            // What calls itself ASCII and is not is read as leniently as what says nothing.
            "US-ASCII" or "ASCII" or "ISO-8859-1" or "LATIN1" => Windows1252,
            _ => CodePagesEncodingProvider.Instance.GetEncoding(name),
        };
    }

    private static int HexValue(byte digit) =>
        char.ToUpperInvariant((char)digit) switch
        {
            >= '0' and <= '9' and var c => c - '0',
            >= 'A' and <= 'F' and var c => c - 'A' + 10,
            _ => -1,
        };

    private Span<char> Decode(ReadOnlySpan<byte> value, Encoding encoding)
    {
        int needed = encoding.GetMaxCharCount(value.Length);
        if (_chars.Length < needed)
        {
            ArrayPool<char>.Shared.Return(_chars, clearArray: true);
            _chars = ArrayPool<char>.Shared.Rent(needed);
        }
        int count = encoding.GetChars(value, _chars);
        return _chars.AsSpan(0, count);
    }

    /// <summary>RFC 2045, section 6.7; an equals sign without two digits after it stands for itself.</summary>
    private ReadOnlySpan<byte> DecodeQuotedPrintable(ReadOnlySpan<byte> value)
    {
        Span<byte> decoded = Reserve(value.Length);
        int length = 0;
        for (int i = 0; i < value.Length; i++)
        {
            byte c = value[i];
            if (
                c == '='
                && i + 2 < value.Length
                && HexValue(value[i + 1]) is >= 0 and var high
                && HexValue(value[i + 2]) is >= 0 and var low
            )
            {
                c = (byte)((high << 4) | low);
                i += 2;
            }
            decoded[length++] = c;
        }
        return decoded[..length];
    }

    private Span<byte> Reserve(int length)
    {
        if (_bytes.Length < length)
        {
            ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
            _bytes = ArrayPool<byte>.Shared.Rent(length);
        }
        return _bytes;
    }
}
