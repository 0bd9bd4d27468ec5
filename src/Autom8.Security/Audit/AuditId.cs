using System.Buffers.Binary;

namespace Autom8.Security.Audit;

/// <summary>
/// Identifiers of entries: UUIDv7 whose first random field holds the fraction of the millisecond (RFC 9562, section 6.2, method 3), so that the order of
/// ids is the order of time and the log can be paged and cut by its primary key alone.
/// </summary>
internal static class AuditId
{
    public static Guid Create(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        var fraction = now.UtcTicks % TimeSpan.TicksPerMillisecond * 4096 / TimeSpan.TicksPerMillisecond;
        BinaryPrimitives.WriteInt64BigEndian(bytes, (now.ToUnixTimeMilliseconds() << 16) | 0x7000 | fraction);
#pragma warning disable CA5394 // 62 bits that nobody else has, not bits that nobody can guess: the system's generator would cost more than the rest of an entry
        var random = Random.Shared.NextInt64(1L << 62);
#pragma warning restore CA5394
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], (1L << 63) | random);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Not above any id made in that millisecond of Unix time or later.</summary>
    public static Guid Floor(long milliseconds)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, milliseconds) << 16);
        return new Guid(bytes, bigEndian: true);
    }
}
