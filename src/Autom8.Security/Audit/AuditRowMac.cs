using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Autom8.Storage;

namespace Autom8.Security.Audit;

/// <summary>
/// The keyed MAC of a row: HMAC-SHA-256 over the length-prefixed list of all columns, in which NULL is a length of its own. So no two different rows have the same
/// bytes under it. Of a personal part the ciphertext is covered: when its key is destroyed, the MAC still holds.
/// </summary>
internal sealed class AuditRowMac(AuditKeys keys, AuditPersonal personal)
{
    private const int Null = -1;
    private const int StackLimit = 1024;

    /// <summary>The checked entry as a row with its MAC, made now.</summary>
    /// <exception cref="ArgumentException">A part of the entry will not do.</exception>
    public AuditRow Create(AuditEntry entry, DateTimeOffset now)
    {
        AuditEntryRules.Check(entry);
        var key = keys.Active;
        var id = AuditId.Create(now);
        var row = new AuditRow(
            id,
            entry.Action,
            entry.Actor.User,
            entry.ResourceType,
            entry.ResourceId,
            entry.Details,
            now.ToMicroseconds(),
            entry.Actor.RequestId,
            key.Id,
            new byte[PooledHmac.Length],
            entry.Subject,
            entry.Personal is null ? null : personal.Protect(entry.Personal, id, entry.Subject!.Value)
        );
        Compute(key, row, row.Mac);
        return row;
    }

    /// <summary>Whether the row is as it was written.</summary>
    public AuditRowState Judge(AuditRow row)
    {
        if (!keys.TryFind(row.KeyId, out var key))
        {
            return AuditRowState.UnknownKey;
        }

        Span<byte> mac = stackalloc byte[PooledHmac.Length];
        Compute(key, row, mac);
        return CryptographicOperations.FixedTimeEquals(mac, row.Mac) ? AuditRowState.Authentic : AuditRowState.Edited;
    }

    private static void Compute(AuditKey key, AuditRow row, Span<byte> mac)
    {
        var length = Length(row);
        var rented = length > StackLimit ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> bytes = rented is null ? stackalloc byte[StackLimit] : rented;
        key.Entries.Compute(bytes[..Encode(row, bytes)], mac);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // No UTF-16 unit becomes more than three bytes.
    private static int Length(AuditRow row) =>
        16
        + sizeof(long)
        + Size(row.Action)
        + Size(row.User)
        + Size(row.ResourceType)
        + Size(row.ResourceId)
        + Size(row.Details)
        + Size(row.RequestId)
        + Size(row.KeyId)
        + 16
        + sizeof(int)
        + (row.Personal?.Length ?? 0);

    private static int Size(string? text) => sizeof(int) + (3 * (text?.Length ?? 0));

    private static int Encode(AuditRow row, Span<byte> bytes)
    {
        row.Id.TryWriteBytes(bytes, bigEndian: true, out _);
        var rest = bytes[16..];
        BinaryPrimitives.WriteInt64BigEndian(rest, row.Timestamp.ToUnixMicroseconds());
        rest = Append(rest[sizeof(long)..], row.Action);
        rest = Append(rest, row.User);
        rest = Append(rest, row.ResourceType);
        rest = Append(rest, row.ResourceId);
        rest = Append(rest, row.Details);
        rest = Append(rest, row.RequestId);
        rest = Append(rest, row.KeyId);

        // Rows of old have neither and end here; what follows is never empty, so the two forms cannot be confused.
        if (row.Subject is not null || row.Personal is not null)
        {
            row.Subject.GetValueOrDefault().TryWriteBytes(rest, bigEndian: true, out _);
            rest = rest[16..];
            BinaryPrimitives.WriteInt32BigEndian(rest, row.Personal?.Length ?? Null);
            row.Personal?.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + (row.Personal?.Length ?? 0))..];
        }

        return bytes.Length - rest.Length;
    }

    private static Span<byte> Append(Span<byte> to, string? text)
    {
        var length = text is null ? 0 : Canonical.Utf8.GetBytes(text, to[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(to, text is null ? Null : length);
        return to[(sizeof(int) + length)..];
    }
}
