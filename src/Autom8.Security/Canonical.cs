using System.Buffers.Binary;
using System.Text;

namespace Autom8.Security;

/// <summary>
/// Length-prefixed encoding of lists for key derivation and associated data: two different lists never encode alike, whatever their parts hold.
/// </summary>
internal static class Canonical
{
    /// <summary>UTF-8 that refuses ill-formed text instead of replacing it, since replacement would make different texts equal.</summary>
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Encode(ReadOnlySpan<byte> label, string first, Guid row)
    {
        var bytes = new byte[Size(label.Length) + Size(first) + Size(16)];
        var rest = Append(bytes, label);
        rest = Append(rest, first);
        Append(rest, row);
        return bytes;
    }

    public static byte[] Encode(ReadOnlySpan<byte> label, string first, string second)
    {
        var bytes = new byte[Size(label.Length) + Size(first) + Size(second)];
        var rest = Append(bytes, label);
        rest = Append(rest, first);
        Append(rest, second);
        return bytes;
    }

    public static byte[] Encode(ReadOnlySpan<byte> label, string first, string second, string third, Guid row)
    {
        var bytes = new byte[Size(label.Length) + Size(first) + Size(second) + Size(third) + Size(16)];
        var rest = Append(bytes, label);
        rest = Append(rest, first);
        rest = Append(rest, second);
        rest = Append(rest, third);
        Append(rest, row);
        return bytes;
    }

    private static int Size(int length) => sizeof(int) + length;

    private static int Size(string text) => Size(Utf8.GetByteCount(text));

    private static Span<byte> Append(Span<byte> to, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, part.Length);
        part.CopyTo(to[sizeof(int)..]);
        return to[Size(part.Length)..];
    }

    private static Span<byte> Append(Span<byte> to, string part)
    {
        var length = Utf8.GetBytes(part, to[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(to, length);
        return to[Size(length)..];
    }

    private static Span<byte> Append(Span<byte> to, Guid part)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, 16);
        part.TryWriteBytes(to[sizeof(int)..], bigEndian: true, out _);
        return to[Size(16)..];
    }
}
