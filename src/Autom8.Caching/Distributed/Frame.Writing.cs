using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Autom8.Caching.Distributed;

/// <content>Writing.</content>
internal readonly partial struct Frame
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="key">Well-formed text.</param>
    /// <param name="schema">16 bytes.</param>
    /// <param name="created">Unix milliseconds.</param>
    /// <param name="expires">Unix milliseconds; <see cref="long.MaxValue"/> for never.</param>
    /// <param name="tags">Each with its version: well-formed text, short of 64 KiB.</param>
    /// <param name="isNull">The value is null, and there is no payload.</param>
    /// <param name="payload">The value.</param>
    /// <param name="compressFrom">Payloads of at least so many bytes are compressed where that makes them smaller; <see cref="int.MaxValue"/> for never.</param>
    /// <param name="etag">Left out when it is not well-formed text short of 64 KiB: without it the next load is a full one.</param>
    /// <param name="lastModified">When the value was changed last.</param>
    /// <returns>An array of exactly the frame.</returns>
    public static byte[] Write(
        string key,
        ReadOnlySpan<byte> schema,
        long created,
        long expires,
        ReadOnlySpan<TagVersion> tags,
        bool isNull,
        ReadOnlySpan<byte> payload,
        int compressFrom = int.MaxValue,
        string? etag = null,
        DateTimeOffset? lastModified = null
    )
    {
        if (schema.Length != SchemaLength || tags.Length > ushort.MaxValue)
        {
            throw new ArgumentException("A schema is 16 bytes, and tags are fewer than 65,536.", nameof(schema));
        }

        payload = isNull ? default : payload;
        var inflated = payload.Length;
        byte[]? rented = null;
        if (payload.Length >= compressFrom && payload.Length > 1)
        {
            rented = ArrayPool<byte>.Shared.Rent(payload.Length - 1);
            if (PayloadCompression.Compress(payload, rented, payload.Length - 1) is var length and not 0)
            {
                payload = rented.AsSpan(0, length);
            }
        }

        var etagLength = etag is null ? -1 : LengthOrNone(etag);
        var keyLength = Strict.GetByteCount(key);
        var size =
            (long)HeadLength
            + (tags.Length * TagLength)
            + keyLength
            + Math.Max(etagLength, 0)
            + (lastModified is null ? 0 : 8)
            + payload.Length;
        foreach (var tag in tags)
        {
            size += Strict.GetByteCount(tag.Tag);
        }

        var frame = GC.AllocateUninitializedArray<byte>(checked((int)size));
        frame[0] = (byte)'A';
        frame[1] = (byte)'8';
        frame[2] = Format;
        frame[3] = (byte)(
            (isNull ? Traits.Null : Traits.None)
            | (payload.Length < inflated ? Traits.Compressed : Traits.None)
            | (etagLength >= 0 ? Traits.ETag : Traits.None)
            | (lastModified is not null ? Traits.LastModified : Traits.None)
        );
        schema.CopyTo(frame.AsSpan(4));
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(20), created);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(28), expires);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(36), payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(40), inflated);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(44), keyLength);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(48), (ushort)tags.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(50), (ushort)Math.Max(etagLength, 0));

        var entry = frame.AsSpan(HeadLength);
        var rest = entry[(tags.Length * TagLength)..];
        rest = rest[Strict.GetBytes(key, rest)..];
        foreach (var (tag, version) in tags)
        {
            var length = Strict.GetBytes(tag, rest);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, version);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], checked((ushort)length));
            entry = entry[TagLength..];
            rest = rest[length..];
        }

        if (etagLength >= 0)
        {
            rest = rest[Strict.GetBytes(etag, rest)..];
        }

        if (lastModified is { } modified)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, modified.UtcTicks);
            rest = rest[8..];
        }

        payload.CopyTo(rest);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return frame;
    }

    private static int LengthOrNone(string etag)
    {
        if (!DistributedTier.CanName(etag))
        {
            return -1;
        }

        var length = Strict.GetByteCount(etag);
        return length <= ushort.MaxValue ? length : -1;
    }
}
