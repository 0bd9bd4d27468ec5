using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Autom8.Caching.Distributed;

/// <summary>
/// Raw DEFLATE (RFC 1951) at its fastest. On JSON of 4 to 64 KiB Brotli of quality 1 takes as long to write, makes it a quarter smaller,
/// and takes two to three times as long to read; and reads are what callers wait for.
/// </summary>
internal static class PayloadCompression
{
    /// <summary>No DEFLATE stream grows by more than 258 bytes for two bits. Who announces more lies, and gets no memory for it.</summary>
    private const int MaximumRatio = 1032;

    /// <param name="payload">What to compress.</param>
    /// <param name="target">Takes what is written.</param>
    /// <param name="capacity">How much of it may be used.</param>
    /// <returns>The bytes written; 0 when the result does not fit.</returns>
    public static int Compress(ReadOnlySpan<byte> payload, byte[] target, int capacity)
    {
        using var bounded = new BoundedStream(target, capacity);
        using (var deflate = new DeflateStream(bounded, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(payload);
        }

        return bounded.Written;
    }

    /// <param name="compressed">From a stranger.</param>
    /// <param name="length">The length it announces, already known to be allowed.</param>
    /// <param name="payload">An array of its own.</param>
    /// <returns>Whether the bytes are a whole stream of exactly so many bytes.</returns>
    public static bool TryDecompress(ReadOnlyMemory<byte> compressed, int length, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (length > (long)compressed.Length * MaximumRatio)
        {
            return false;
        }

        var source = MemoryMarshal.TryGetArray(compressed, out var segment) ? segment : new ArraySegment<byte>(compressed.ToArray());
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        try
        {
            using var deflate = new DeflateStream(
                new MemoryStream(source.Array!, source.Offset, source.Count, writable: false),
                CompressionMode.Decompress
            );
            if (deflate.ReadAtLeast(bytes, length, throwOnEndOfStream: false) != length || deflate.ReadByte() >= 0)
            {
                return false;
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        payload = bytes;
        return true;
    }

    /// <summary>Writes into an array until it is full, and then nothing more: text that cannot be compressed is common and no reason for an exception.</summary>
    private sealed class BoundedStream(byte[] target, int capacity) : Stream
    {
        private int _position;
        private bool _full;

        public int Written => _full ? 0 : _position;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _full |= buffer.Length > capacity - _position;
            if (!_full)
            {
                buffer.CopyTo(target.AsSpan(_position));
                _position += buffer.Length;
            }
        }

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
