using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>The part of a stream that is being looked at: one pooled buffer that grows to a bound and slides along the input.</summary>
/// <remarks>Spans taken from <see cref="Unread"/> hold until the next <see cref="FillAsync"/>.</remarks>
internal sealed class InputWindow : IDisposable
{
    private const int InitialBytes = 1 << 16;

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
    private static readonly Encoding Utf16BigEndian = new UnicodeEncoding(bigEndian: true, byteOrderMark: true);

    private readonly int _capacity;
    private Stream _stream;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private bool _begun;

    public InputWindow(Stream stream, int capacity)
    {
        _stream = stream;
        _capacity = capacity;
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(InitialBytes, capacity));
    }

    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>The stream has ended: <see cref="Unread"/> is all there will be.</summary>
    public bool Completed { get; private set; }

    /// <summary>As much is unread as may be held at once.</summary>
    public bool IsFull => _end - _start >= _capacity;

    public static bool TryFindUtf16(ReadOnlySpan<byte> head, [NotNullWhen(true)] out Encoding? encoding)
    {
        encoding = head switch
        {
            [0xFF, 0xFE, ..] => Encoding.Unicode,
            [0xFE, 0xFF, ..] => Utf16BigEndian,
            _ => null,
        };
        return encoding is not null;
    }

    public void Advance(int count) => _start += count;

    /// <summary>Reads at least as much as is unread already, so that looking again at what is unread costs linear time over all.</summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            await BeginAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        MakeRoom();
        await ReadAsync(Math.Max(1, Math.Min(_end - _start, _buffer.Length - _end)), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        // Personal data does not stay behind in the shared pool.
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = [];
        _start = _end = 0;
    }

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        _begun = true;
        await ReadAsync(3, cancellationToken).ConfigureAwait(false);
        if (TryFindUtf16(Unread, out Encoding? encoding))
        {
            // Abandoned, not disposed, at the end: the caller owns the stream, and the decoder holds nothing else.
            PrefixedStream bytes = new(Unread[2..].ToArray(), _stream);
            _stream = Encoding.CreateTranscodingStream(bytes, encoding, Utf8, leaveOpen: true);
            _start = _end = 0;
            Completed = false;
        }
        else if (Unread.StartsWith("\uFEFF"u8))
        {
            _start += 3;
        }
    }

    private async ValueTask ReadAsync(int minimum, CancellationToken cancellationToken)
    {
        int count = await _stream
            .ReadAtLeastAsync(_buffer.AsMemory(_end), minimum, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        _end += count;
        Completed = count < minimum;
    }

    private void MakeRoom()
    {
        int unread = _end - _start;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, unread).CopyTo(_buffer);
            (_start, _end) = (0, unread);
        }
        if (unread < _buffer.Length)
        {
            return;
        }
        byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, unread).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }
}
