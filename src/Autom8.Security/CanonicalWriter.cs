using System.Buffers.Binary;

namespace Autom8.Security;

/// <summary>The encoding of <see cref="Canonical"/> into a buffer of the caller's, so that hot paths need not allocate one.</summary>
internal ref struct CanonicalWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _written;

    public readonly ReadOnlySpan<byte> Written => _buffer[.._written];

    public void Add(scoped ReadOnlySpan<byte> part)
    {
        part.CopyTo(_buffer[(_written + sizeof(int))..]);
        End(part.Length);
    }

    public void Add(string part) => End(Canonical.Utf8.GetBytes(part, _buffer[(_written + sizeof(int))..]));

    public void Add(Guid part)
    {
        part.TryWriteBytes(_buffer[(_written + sizeof(int))..], bigEndian: true, out var length);
        End(length);
    }

    private void End(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer[_written..], length);
        _written += sizeof(int) + length;
    }
}
