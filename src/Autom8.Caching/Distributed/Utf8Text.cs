using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Autom8.Caching.Distributed;

/// <summary>UTF-8 beside UTF-16, without a string in between.</summary>
internal static class Utf8Text
{
    /// <summary>Whether bytes are the UTF-8 of a text. Malformed text equals nothing.</summary>
    public static bool Equals(ReadOnlySpan<byte> utf8, ReadOnlySpan<char> text)
    {
        // Only ASCII takes as many bytes as it has units; everything else takes more, and a unit at most three.
        if (utf8.Length == text.Length)
        {
            return Ascii.Equals(utf8, text);
        }

        if (utf8.Length < text.Length || utf8.Length > text.Length * 3L)
        {
            return false;
        }

        Span<byte> part = stackalloc byte[256];
        while (!text.IsEmpty)
        {
            var status = Utf8.FromUtf16(text, part, out var read, out var written, replaceInvalidSequences: false);
            if (status is OperationStatus.InvalidData or OperationStatus.NeedMoreData || !utf8.StartsWith(part[..written]))
            {
                return false;
            }

            text = text[read..];
            utf8 = utf8[written..];
        }

        return utf8.IsEmpty;
    }
}
