using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Autom8.Caching.Distributed;

/// <summary>
/// What stands around a value in the distributed tier. Little-endian:
/// <code>
/// 'A' '8' | format (1) | kind (1: 0 value, 1 null) | schema (16) | created (8) | expires (8, Unix ms; long.MaxValue never)
/// | key (4 + n, UTF-8) | tags (2, then each 2 + n UTF-8 and its version 8) | payload (4 + n)
/// </code>
/// Whatever does not read as exactly this, for this key and this schema, is not ours: a miss.
/// </summary>
internal readonly struct Frame
{
    private const byte Format = 1;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public bool IsNull { get; private init; }

    /// <summary>Unix milliseconds by the writer's clock: for people who look, never for ordering.</summary>
    public long Created { get; private init; }

    /// <summary>Unix milliseconds; <see cref="long.MaxValue"/> for never.</summary>
    public long Expires { get; private init; }

    /// <summary>The tags of the entry with the version each had when its load began. The first is <c>*</c>.</summary>
    public TagVersion[] Tags { get; private init; }

    public ReadOnlyMemory<byte> Payload { get; private init; }

    public static ReadOnlyMemory<byte> Write(
        string key,
        byte[] schema,
        long created,
        long expires,
        ReadOnlySpan<TagVersion> tags,
        bool isNull,
        ReadOnlySpan<byte> payload
    )
    {
        var writer = new ArrayBufferWriter<byte>(payload.Length + (key.Length * 2) + 128);
        writer.Write([(byte)'A', (byte)'8', Format, (byte)(isNull ? 1 : 0)]);
        writer.Write(schema);
        WriteInt64(writer, created);
        WriteInt64(writer, expires);
        WriteInt32(writer, Strict.GetByteCount(key));
        Strict.GetBytes(key.AsSpan(), writer);
        WriteUInt16(writer, (ushort)tags.Length);
        foreach (var tag in tags)
        {
            WriteUInt16(writer, (ushort)Strict.GetByteCount(tag.Tag));
            Strict.GetBytes(tag.Tag.AsSpan(), writer);
            WriteInt64(writer, (long)tag.Version);
        }

        WriteInt32(writer, payload.Length);
        writer.Write(payload);
        return writer.WrittenMemory;
    }

    public static bool TryRead(ReadOnlyMemory<byte> bytes, string key, ReadOnlySpan<byte> schema, out Frame frame)
    {
        frame = default;
        var reader = new Reader(bytes.Span);
        if (
            !reader.Take(4, out var head)
            || !head[..3].SequenceEqual([(byte)'A', (byte)'8', Format])
            || head[3] > 1
            || !reader.Take(schema.Length, out var writtenSchema)
            || !writtenSchema.SequenceEqual(schema)
            || !reader.Take(16, out var times)
            || !reader.TakeText(4, out var writtenKey)
            || writtenKey != key
            || !reader.Take(2, out var tagCount)
        )
        {
            return false;
        }

        var tags = new TagVersion[BinaryPrimitives.ReadUInt16LittleEndian(tagCount)];
        for (var index = 0; index < tags.Length; index++)
        {
            if (!reader.TakeText(2, out var tag) || !reader.Take(8, out var version))
            {
                return false;
            }

            tags[index] = new TagVersion(tag, BinaryPrimitives.ReadUInt64LittleEndian(version));
        }

        if (tags.Length == 0 || tags[0].Tag != "*" || !reader.Take(4, out var length))
        {
            return false;
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(length) != reader.Rest.Length)
        {
            return false;
        }

        frame = new Frame
        {
            IsNull = head[3] == 1,
            Created = BinaryPrimitives.ReadInt64LittleEndian(times),
            Expires = BinaryPrimitives.ReadInt64LittleEndian(times[8..]),
            Tags = tags,
            Payload = bytes[^reader.Rest.Length..],
        };
        return true;
    }

    private static void WriteInt64(ArrayBufferWriter<byte> writer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(8), value);
        writer.Advance(8);
    }

    private static void WriteInt32(ArrayBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(4), value);
        writer.Advance(4);
    }

    private static void WriteUInt16(ArrayBufferWriter<byte> writer, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(writer.GetSpan(2), value);
        writer.Advance(2);
    }

    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        public ReadOnlySpan<byte> Rest { get; private set; } = rest;

        public bool Take(int count, out ReadOnlySpan<byte> taken)
        {
            if (count < 0 || count > Rest.Length)
            {
                taken = default;
                return false;
            }

            taken = Rest[..count];
            Rest = Rest[count..];
            return true;
        }

        public bool TakeText(int lengthBytes, out string text)
        {
            text = "";
            if (!Take(lengthBytes, out var length))
            {
                return false;
            }

            var count = lengthBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadInt32LittleEndian(length);
            if (!Take(count, out var bytes))
            {
                return false;
            }

            text = Encoding.UTF8.GetString(bytes);
            return true;
        }
    }
}

/// <summary>A tag and the version it had: equal versions mean that it was not removed in between.</summary>
internal readonly record struct TagVersion(string Tag, ulong Version);
