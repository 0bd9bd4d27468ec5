using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Autom8.Security.Keys;
using Autom8.Storage;

namespace Autom8.Security.Audit;

/// <summary>
/// Seals rows of the log: HMAC-SHA-256 (RFC 2104) under a sub-key of the keyring's audit key (HKDF-Expand, RFC 5869), over the length-prefixed list of all
/// columns, in which NULL is a length of its own. So no two different rows have the same bytes under the seal.
/// </summary>
internal sealed class AuditSeal(IKeyringProvider keyrings)
{
    private const int Null = -1;

    // A key's sub-key lives as long as the key does.
    private readonly ConditionalWeakTable<KeyringKey, byte[]> subKeys = [];

    /// <summary>The checked entry as a sealed row, made now.</summary>
    public AuditRow Seal(AuditEntry entry, DateTimeOffset now)
    {
        AuditEntryRules.Check(entry);
        var key = keyrings.Current.Active(KeyPurpose.Audit);
        var row = new AuditRow(
            AuditId.Create(now),
            entry.Action,
            entry.Actor.User,
            entry.ResourceType,
            entry.ResourceId,
            entry.Details,
            now.ToMicroseconds(),
            entry.Actor.RequestId,
            key.Id.ToString(),
            []
        );
        return row with { Mac = Compute(key, row) };
    }

    public bool Holds(AuditRow row) =>
        KeyId.TryParse(row.KeyId, out var id)
        && keyrings.Current.TryFind(KeyPurpose.Audit, id, out var key)
        && CryptographicOperations.FixedTimeEquals(Compute(key, row), row.Mac);

    private byte[] Compute(KeyringKey key, AuditRow row)
    {
        var subKey = subKeys.GetValue(
            key,
            static k =>
            {
                var derived = new byte[KeyringKey.SymmetricLength];
                HKDF.Expand(HashAlgorithmName.SHA256, k.Material, derived, "autom8/audit/v1/entry"u8);
                return derived;
            }
        );
        return HMACSHA256.HashData(subKey, Encode(row));
    }

    private static byte[] Encode(AuditRow row)
    {
        var length =
            16
            + sizeof(long)
            + Size(row.Action)
            + Size(row.User)
            + Size(row.ResourceType)
            + Size(row.ResourceId)
            + Size(row.Details)
            + Size(row.RequestId)
            + Size(row.KeyId);
        var bytes = new byte[length];
        row.Id.TryWriteBytes(bytes, bigEndian: true, out _);
        var rest = bytes.AsSpan(16);
        BinaryPrimitives.WriteInt64BigEndian(rest, row.Timestamp.ToUnixMicroseconds());
        rest = Append(rest[sizeof(long)..], row.Action);
        rest = Append(rest, row.User);
        rest = Append(rest, row.ResourceType);
        rest = Append(rest, row.ResourceId);
        rest = Append(rest, row.Details);
        rest = Append(rest, row.RequestId);
        Append(rest, row.KeyId);
        return bytes;
    }

    private static int Size(string? text) => sizeof(int) + (text is null ? 0 : Canonical.Utf8.GetByteCount(text));

    private static Span<byte> Append(Span<byte> to, string? text)
    {
        var length = text is null ? 0 : Canonical.Utf8.GetBytes(text, to[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(to, text is null ? Null : length);
        return to[(sizeof(int) + length)..];
    }
}
