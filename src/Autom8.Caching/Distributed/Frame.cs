using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Autom8.Caching.Distributed;

/// <summary>
/// What stands around a value in the distributed tier. Little-endian, the head first:
/// <code>
///  0 'A' '8' | format (1) | flags (1: 1 null, 2 compressed, 4 ETag, 8 last modified)
///  4 schema (16)
/// 20 created (8, Unix ms) | expires (8, Unix ms; long.MaxValue never)
/// 36 payload as stored (4) | payload as read (4) | key (4) | tags (2) | ETag (2)          (lengths and a count)
/// 52 each tag's version (8) and length (2) | key | tags | ETag | last modified (8, UTC ticks) | payload
/// </code>
/// Text is UTF-8. Whatever does not read as exactly this, for this key and this schema, is not ours: a miss.
/// </summary>
/// <remarks>Reading makes no string and copies nothing, unless the payload is compressed.</remarks>
internal readonly partial struct Frame
{
    private const byte Format = 2;
    private const int HeadLength = 52;
    private const int TagLength = 10;
    private const int SchemaLength = 16;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _tagNames;
    private readonly int _etag;

    private Frame(ReadOnlyMemory<byte> bytes, int tagNames, int etag, ReadOnlyMemory<byte> payload)
    {
        _bytes = bytes;
        _tagNames = tagNames;
        _etag = etag;
        Payload = payload;
    }

    [Flags]
    private enum Traits : byte
    {
        None = 0,
        Null = 1,
        Compressed = 2,
        ETag = 4,
        LastModified = 8,
        All = Null | Compressed | ETag | LastModified,
    }

    public bool IsNull => Has(Traits.Null);

    /// <summary>Whether <see cref="Payload"/> was decompressed, and so is an array of its own rather than a part of what was read.</summary>
    public bool OwnsPayload => Has(Traits.Compressed);

    /// <summary>Unix milliseconds by the writer's clock: for people who look, never for ordering.</summary>
    public long Created => BinaryPrimitives.ReadInt64LittleEndian(_bytes.Span[20..]);

    /// <summary>Unix milliseconds; <see cref="long.MaxValue"/> for never.</summary>
    public long Expires => BinaryPrimitives.ReadInt64LittleEndian(_bytes.Span[28..]);

    public int TagCount => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Span[48..]);

    /// <summary>What the source calls this version of the value; null when it did not say.</summary>
    public string? ETag => Has(Traits.ETag) ? Encoding.UTF8.GetString(_bytes.Span.Slice(_etag, ETagLength(_bytes.Span))) : null;

    /// <summary>When the source says that the value was changed last.</summary>
    public DateTimeOffset? LastModified =>
        Has(Traits.LastModified)
            ? new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(_bytes.Span[(_etag + ETagLength(_bytes.Span))..]), TimeSpan.Zero)
            : null;

    public ReadOnlyMemory<byte> Payload { get; }

    /// <param name="bytes">From a stranger. Not copied: they must not change while the frame is used.</param>
    /// <param name="key">The key it must be for.</param>
    /// <param name="schema">The schema it must have been written under: 16 bytes.</param>
    /// <param name="maximumPayloadBytes">A payload that is, or says it will be, longer is refused before it takes any memory.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>Whether it is one of ours. Never an exception.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, string key, ReadOnlySpan<byte> schema, int maximumPayloadBytes, out Frame frame)
    {
        frame = default;
        var span = bytes.Span;
        if (
            span.Length < HeadLength
            || span[0] != (byte)'A'
            || span[1] != (byte)'8'
            || span[2] != Format
            || (span[3] & ~(byte)Traits.All) != 0
            || !span.Slice(4, SchemaLength).SequenceEqual(schema)
        )
        {
            return false;
        }

        var traits = (Traits)span[3];
        var stored = BinaryPrimitives.ReadInt32LittleEndian(span[36..]);
        var inflated = BinaryPrimitives.ReadInt32LittleEndian(span[40..]);
        var keyLength = BinaryPrimitives.ReadInt32LittleEndian(span[44..]);
        var tagCount = BinaryPrimitives.ReadUInt16LittleEndian(span[48..]);
        var etagLength = ETagLength(span);
        var compressed = Has(traits, Traits.Compressed);
        var modifiedLength = Has(traits, Traits.LastModified) ? 8 : 0;
        if (
            stored < 0
            || keyLength < 0
            || inflated > maximumPayloadBytes
            || (compressed ? inflated <= stored : inflated != stored)
            || (Has(traits, Traits.Null) && stored != 0)
            || (!Has(traits, Traits.ETag) && etagLength != 0)
        )
        {
            return false;
        }

        var keyStart = (long)HeadLength + (tagCount * TagLength);
        var etag = keyStart + keyLength;
        if (etag > span.Length || !Utf8Text.Equals(span.Slice((int)keyStart, keyLength), key))
        {
            return false;
        }

        var tagNames = (int)etag;
        for (var index = 0; index < tagCount; index++)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(span[(HeadLength + (index * TagLength) + 8)..]);
            if (etag + length > span.Length || !Utf8.IsValid(span.Slice((int)etag, length)))
            {
                return false;
            }

            etag += length;
        }

        if (
            etag + etagLength + modifiedLength + stored != span.Length
            || !Utf8.IsValid(span.Slice((int)etag, etagLength))
            || (
                modifiedLength != 0
                && BinaryPrimitives.ReadUInt64LittleEndian(span[((int)etag + etagLength)..]) > (ulong)DateTime.MaxValue.Ticks
            )
        )
        {
            return false;
        }

        var payload = bytes[^stored..];
        if (compressed && !PayloadCompression.TryDecompress(payload, inflated, out payload))
        {
            return false;
        }

        frame = new Frame(bytes, tagNames, (int)etag, payload);
        return true;
    }

    /// <returns>The name of a tag as UTF-8, in the order of writing. Takes a step per tag before it.</returns>
    public ReadOnlySpan<byte> GetTag(int index, out ulong version)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)TagCount, nameof(index));
        var span = _bytes.Span;
        var entries = span.Slice(HeadLength, TagCount * TagLength);
        var start = _tagNames;
        for (var before = 0; before < index; before++)
        {
            start += BinaryPrimitives.ReadUInt16LittleEndian(entries[((before * TagLength) + 8)..]);
        }

        version = BinaryPrimitives.ReadUInt64LittleEndian(entries[(index * TagLength)..]);
        return span.Slice(start, BinaryPrimitives.ReadUInt16LittleEndian(entries[((index * TagLength) + 8)..]));
    }

    /// <summary>The names of the tags from <paramref name="first"/> on: <paramref name="expected"/> itself where it holds just these in this order, and otherwise new strings.</summary>
    public string[] TagNames(string[] expected, int first = 0)
    {
        var count = Math.Max(TagCount - first, 0);
        var same = count == expected.Length;
        for (var index = 0; same && index < count; index++)
        {
            same = Utf8Text.Equals(GetTag(first + index, out _), expected[index]);
        }

        if (same)
        {
            return expected;
        }

        var names = new string[count];
        for (var index = 0; index < count; index++)
        {
            names[index] = Encoding.UTF8.GetString(GetTag(first + index, out _));
        }

        return names;
    }

    private static int ETagLength(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16LittleEndian(frame[50..]);

    private bool Has(Traits trait) => Has((Traits)_bytes.Span[3], trait);

    /// <summary>Not HasFlag, which boxes until it is optimised.</summary>
    private static bool Has(Traits traits, Traits one) => (traits & one) != Traits.None;
}
