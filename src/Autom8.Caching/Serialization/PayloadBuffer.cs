using System.Buffers;

namespace Autom8.Caching.Serialization;

/// <summary>A growing buffer for one serialization, lent by the thread it runs on. Not for use across an await.</summary>
internal sealed class PayloadBuffer : IBufferWriter<byte>
{
    private const int Initial = 1024;

    /// <summary>A thread keeps a buffer up to this size for the next; larger ones go back to the pool.</summary>
    private const int Kept = 64 * 1024;

    [ThreadStatic]
    private static PayloadBuffer? _spare;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Initial);
    private int _count;

    private PayloadBuffer() { }

    public int WrittenCount => _count;

    /// <summary>Valid until the next write or <see cref="Return"/>.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, _count);

    public static PayloadBuffer Rent()
    {
        var buffer = _spare ?? new PayloadBuffer();
        _spare = null; // a serialization within this one gets another
        return buffer;
    }

    /// <summary>What was written, in an array of its size; the buffer is returned.</summary>
    public byte[] Take()
    {
        var bytes = WrittenSpan.ToArray();
        Return();
        return bytes;
    }

    public void Return()
    {
        _count = 0;
        if (_bytes.Length > Kept)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(Initial);
        }

        _spare = this;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _count);
        _count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_count);
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var needed = Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length - _count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max((long)_count + needed, _bytes.Length * 2L), Array.MaxLength));
        if (needed > larger.Length - _count)
        {
            ArrayPool<byte>.Shared.Return(larger);
            throw new InvalidOperationException("A payload does not fit into an array.");
        }

        WrittenSpan.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
