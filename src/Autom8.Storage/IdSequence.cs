using System.Buffers.Binary;

namespace Autom8.Storage;

/// <summary>
/// Makes identifiers that sort in the order in which they were made: UUIDv7 with the fraction of the millisecond in the first random field, raised where the clock has
/// not moved on (RFC 9562, section 6.2, methods 3 and 1). So rows written together keep their order under their primary key.
/// </summary>
/// <remarks>Safe for use by any number of threads. The order holds within one instance; between processes it is that of their clocks. 62 bits stay random.</remarks>
public sealed class IdSequence(TimeProvider time)
{
    // Unix time in 4096ths of a millisecond: the 48 bits of the time field, then the 12 bits behind the version.
    private long _last;

    /// <summary>The next identifier.</summary>
    public Guid Next()
    {
        var now = time.GetUtcNow();
        var ticks = now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var clock = (long)((Int128)ticks * 4096 / TimeSpan.TicksPerMillisecond);
        long last;
        long next;
        do
        {
            last = Volatile.Read(ref _last);
            next = Math.Max(clock, last + 1);
        } while (Interlocked.CompareExchange(ref _last, next, last) != last);

        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes, next >> 12 << 16 | 0x7000 | (next & 0xFFF));
        return new Guid(bytes, bigEndian: true);
    }
}
