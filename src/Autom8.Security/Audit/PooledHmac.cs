using System.Security.Cryptography;

namespace Autom8.Security.Audit;

/// <summary>
/// HMAC-SHA-256 (RFC 2104) under one key, by instances that are used again: setting one up costs more than a short message does. Safe for use by any number of
/// threads; allocates nothing once as many instances exist as threads compute at a time.
/// </summary>
internal sealed class PooledHmac(byte[] key)
{
    public const int Length = 32;

    private readonly IncrementalHash?[] idle = new IncrementalHash?[Environment.ProcessorCount];

    public void Compute(ReadOnlySpan<byte> message, Span<byte> mac)
    {
        var hash = Take();
        hash.AppendData(message);
        hash.GetHashAndReset(mac);
        Return(hash);
    }

    private IncrementalHash Take()
    {
        foreach (ref var slot in idle.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } hash)
            {
                return hash;
            }
        }

        return IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
    }

    private void Return(IncrementalHash hash)
    {
        foreach (ref var slot in idle.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, hash, null) is null)
            {
                return;
            }
        }

        hash.Dispose();
    }
}
