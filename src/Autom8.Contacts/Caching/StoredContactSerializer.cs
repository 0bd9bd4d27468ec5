using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Autom8.Contacts.Storage;
using Autom8.Security.Encryption;
using Autom8.Storage;
using Microsoft.Extensions.Caching.Hybrid;

namespace Autom8.Contacts.Caching;

/// <summary>
/// A stored row as bytes for the second tier of a cache, without reflection: <c>01 | id | version | created | updated | name | phone | email | details</c>,
/// numbers big-endian, texts and ciphertexts behind their length, -1 for null.
/// </summary>
internal sealed class StoredContactSerializer : IHybridCacheSerializer<StoredContact>
{
    private const byte Format = 1;
    private const int FixedLength = 1 + 16 + (3 * sizeof(long));

    public void Serialize(StoredContact value, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(target);
        var span = target.GetSpan(FixedLength);
        span[0] = Format;
        value.Id.TryWriteBytes(span[1..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(span[17..], value.Version);
        BinaryPrimitives.WriteInt64BigEndian(span[25..], value.CreatedAt.ToUnixMicroseconds());
        BinaryPrimitives.WriteInt64BigEndian(span[33..], value.UpdatedAt.ToUnixMicroseconds());
        target.Advance(FixedLength);
        Write(target, Encoding.UTF8.GetBytes(value.Name));
        Write(target, value.PhoneEncrypted);
        Write(target, value.EmailEncrypted);
        Write(target, value.DetailsEncrypted);
    }

    /// <exception cref="InvalidDataException">The bytes are of another format, or not whole.</exception>
    public StoredContact Deserialize(ReadOnlySequence<byte> source)
    {
        var rest = source.IsSingleSegment ? source.FirstSpan : source.ToArray();
        if (rest.Length < FixedLength || rest[0] != Format)
        {
            throw Malformed();
        }

        var id = new Guid(rest.Slice(1, 16), bigEndian: true);
        var version = BinaryPrimitives.ReadInt64BigEndian(rest[17..]);
        var createdAt = BinaryPrimitives.ReadInt64BigEndian(rest[25..]);
        var updatedAt = BinaryPrimitives.ReadInt64BigEndian(rest[33..]);
        rest = rest[FixedLength..];
        var row = new StoredContact
        {
            Id = id,
            Version = version,
            CreatedAt = Timestamps.FromUnixMicroseconds(createdAt),
            UpdatedAt = Timestamps.FromUnixMicroseconds(updatedAt),
            Name = Encoding.UTF8.GetString(Read(ref rest) ?? throw Malformed()),
            PhoneEncrypted = ReadField(ref rest),
            EmailEncrypted = ReadField(ref rest),
            DetailsEncrypted = ReadField(ref rest),
        };
        return rest.IsEmpty ? row : throw Malformed();
    }

    private static void Write(IBufferWriter<byte> target, EncryptedField? field)
    {
        if (field is { } present)
        {
            Write(target, present.Bytes.Span);
        }
        else
        {
            WriteLength(target, -1);
        }
    }

    private static void Write(IBufferWriter<byte> target, ReadOnlySpan<byte> bytes)
    {
        WriteLength(target, bytes.Length);
        target.Write(bytes);
    }

    private static void WriteLength(IBufferWriter<byte> target, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(target.GetSpan(sizeof(int)), length);
        target.Advance(sizeof(int));
    }

    private static EncryptedField? ReadField(ref ReadOnlySpan<byte> rest) => Read(ref rest) is { } bytes ? new EncryptedField(bytes) : null;

    private static byte[]? Read(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < sizeof(int))
        {
            throw Malformed();
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        rest = rest[sizeof(int)..];
        if (length == -1)
        {
            return null;
        }

        if (length < 0 || length > rest.Length)
        {
            throw Malformed();
        }

        var bytes = rest[..length].ToArray();
        rest = rest[length..];
        return bytes;
    }

    private static InvalidDataException Malformed() => new("The cached row of a contact is of another format, or not whole.");
}
