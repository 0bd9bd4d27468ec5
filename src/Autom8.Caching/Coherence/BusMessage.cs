using System.Buffers.Binary;
using System.Text;

namespace Autom8.Caching.Coherence;

internal enum BusMessageKind : byte
{
    /// <summary>A key was removed, set, or is being changed.</summary>
    Key = 1,

    /// <summary>A tag was removed.</summary>
    Tag = 2,

    /// <summary>The sender is there, and says which of its messages have taken effect since its last beat.</summary>
    Beat = 3,
}

/// <summary>
/// What nodes say to one another. Little-endian:
/// <code>
/// format (1) | kind (1) | sender (8) | number (8)
/// key:  region (1 + n, UTF-8) | key (UTF-8, to the end)
/// tag:  version (8) | tag (UTF-8, to the end)
/// beat: ranges of numbers, each first (8) and last (8), to the end; none but one of zeros: too many to list
/// </code>
/// </summary>
internal readonly ref struct BusMessage
{
    private const byte Format = 1;
    private const int HeadLength = 18;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public BusMessageKind Kind { get; private init; }

    public ulong Sender { get; private init; }

    /// <summary>Counts a sender's messages about keys and tags, or its beats: one more each time.</summary>
    public ulong Number { get; private init; }

    public string Region { get; private init; }

    /// <summary>The key or the tag.</summary>
    public string Name { get; private init; }

    public ulong Version { get; private init; }

    public ReadOnlySpan<byte> Ranges { get; private init; }

    public static byte[] Key(ulong sender, ulong number, string region, string key)
    {
        var regionLength = Strict.GetByteCount(region);
        var bytes = new byte[HeadLength + 1 + regionLength + Strict.GetByteCount(key)];
        Head(bytes, BusMessageKind.Key, sender, number);
        bytes[HeadLength] = (byte)regionLength;
        Strict.GetBytes(region, bytes.AsSpan(HeadLength + 1));
        Strict.GetBytes(key, bytes.AsSpan(HeadLength + 1 + regionLength));
        return bytes;
    }

    public static byte[] Tag(ulong sender, ulong number, string tag, ulong version)
    {
        var bytes = new byte[HeadLength + sizeof(ulong) + Strict.GetByteCount(tag)];
        Head(bytes, BusMessageKind.Tag, sender, number);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeadLength), version);
        Strict.GetBytes(tag, bytes.AsSpan(HeadLength + sizeof(ulong)));
        return bytes;
    }

    public static byte[] Beat(ulong sender, ulong number, ReadOnlySpan<(ulong First, ulong Last)> ranges)
    {
        var bytes = new byte[HeadLength + (ranges.Length * 16)];
        Head(bytes, BusMessageKind.Beat, sender, number);
        for (var index = 0; index < ranges.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeadLength + (index * 16)), ranges[index].First);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeadLength + (index * 16) + 8), ranges[index].Last);
        }

        return bytes;
    }

    /// <returns>False when it is none of ours, or not whole.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BusMessage message)
    {
        message = default;
        if (bytes.Length < HeadLength || bytes[0] != Format)
        {
            return false;
        }

        var kind = (BusMessageKind)bytes[1];
        var sender = BinaryPrimitives.ReadUInt64LittleEndian(bytes[2..]);
        var number = BinaryPrimitives.ReadUInt64LittleEndian(bytes[10..]);
        var rest = bytes[HeadLength..];
        try
        {
            switch (kind)
            {
                case BusMessageKind.Key when rest.Length > 0 && rest[0] < rest.Length:
                    message = new BusMessage
                    {
                        Kind = kind,
                        Sender = sender,
                        Number = number,
                        Region = Strict.GetString(rest.Slice(1, rest[0])),
                        Name = Strict.GetString(rest[(1 + rest[0])..]),
                    };
                    return true;
                case BusMessageKind.Tag when rest.Length > sizeof(ulong):
                    message = new BusMessage
                    {
                        Kind = kind,
                        Sender = sender,
                        Number = number,
                        Version = BinaryPrimitives.ReadUInt64LittleEndian(rest),
                        Name = Strict.GetString(rest[sizeof(ulong)..]),
                    };
                    return true;
                case BusMessageKind.Beat when rest.Length % 16 == 0:
                    message = new BusMessage
                    {
                        Kind = kind,
                        Sender = sender,
                        Number = number,
                        Ranges = rest,
                    };
                    return true;
                default:
                    return false;
            }
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static void Head(byte[] bytes, BusMessageKind kind, ulong sender, ulong number)
    {
        bytes[0] = Format;
        bytes[1] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(2), sender);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(10), number);
    }
}
