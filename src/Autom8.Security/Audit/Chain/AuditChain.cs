using System.Buffers.Binary;

namespace Autom8.Security.Audit;

/// <summary>
/// The chain of seals: the value at a position is HMAC-SHA-256, under a key derived from the audit key, over the position, the entry's id, the value before and the
/// entry's MAC. So whoever lacks the key can neither make a seal nor move one, and a value stands for all that came before it.
/// </summary>
internal static class AuditChain
{
    private const int PrefixLength = sizeof(long) + 16 + PooledHmac.Length;

    /// <summary>What stands before the first seal.</summary>
    public static byte[] Genesis => new byte[PooledHmac.Length];

    public static byte[] Link(AuditKey key, long sequence, Guid entryId, ReadOnlySpan<byte> mac, ReadOnlySpan<byte> previous)
    {
        // All but the last part have a fixed length, so the parts cannot be confused. A MAC of another length was edited, and is chained as it stands.
        Span<byte> message =
            mac.Length <= PooledHmac.Length ? stackalloc byte[PrefixLength + mac.Length] : new byte[PrefixLength + mac.Length];
        BinaryPrimitives.WriteInt64BigEndian(message, sequence);
        entryId.TryWriteBytes(message[sizeof(long)..], bigEndian: true, out _);
        var rest = message[(sizeof(long) + 16)..];
        rest[..PooledHmac.Length].Clear();
        previous[..Math.Min(previous.Length, PooledHmac.Length)].CopyTo(rest);
        mac.CopyTo(rest[PooledHmac.Length..]);
        var chain = new byte[PooledHmac.Length];
        key.Chain.Compute(message, chain);
        return chain;
    }
}
