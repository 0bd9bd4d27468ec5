using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Autom8.Scheduling.Storage;

/// <summary>UUIDs of version 7 (RFC 9562), an order of magnitude faster than the runtime's: random bytes are drawn by the kilobyte.</summary>
internal static class TimedId
{
    private const int Drawn = 4_096;
    private const int Random = 10;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    public static Guid New() => New(TimeProvider.System.GetUtcNow());

    public static Guid New(DateTimeOffset time)
    {
        var random = _random ??= new byte[Drawn];
        if (_used == 0 || _used + Random > Drawn)
        {
            RandomNumberGenerator.Fill(random);
            _used = 0;
        }

        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, time.ToUnixTimeMilliseconds() << 16);
        random.AsSpan(_used, Random).CopyTo(id[6..]);
        _used += Random;
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
