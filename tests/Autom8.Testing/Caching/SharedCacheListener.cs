using System.Diagnostics;
using System.Threading.Channels;
using Autom8.Caching.Distributed;

namespace Autom8.Testing.Caching;

/// <summary>Hears the messages of one test: those that begin with its mark. Others on the same server are none of its business.</summary>
public sealed class SharedCacheListener : ISharedCacheSubscriber, IDisposable
{
    private const int MarkLength = 16;
    private const byte Probe = 0;
    private const byte Message = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Guid _mark;
    private readonly Channel<byte[]> _heard = Channel.CreateUnbounded<byte[]>();
    private readonly SemaphoreSlim _probed = new(0);
    private IDisposable? _subscription;
    private int _inside;

    private SharedCacheListener(Guid mark) => _mark = mark;

    /// <summary>Calls that came while another one had not returned.</summary>
    public int Overlaps { get; private set; }

    /// <summary>A message that the listeners of a test take for theirs.</summary>
    public static byte[] Mark(Guid mark, ReadOnlySpan<byte> body) => Mark(mark, Message, body);

    /// <summary>Subscribes, and returns when messages come: a subscription over a network takes its time.</summary>
    public static async Task<SharedCacheListener> SubscribeAsync(ISharedCache cache, Guid mark)
    {
        var listener = new SharedCacheListener(mark);
        listener._subscription = cache.Subscribe(listener);
        var started = Stopwatch.GetTimestamp();
        do
        {
            await cache.RemoveAsync("probe:" + mark, Mark(mark, Probe, []));
            if (await listener._probed.WaitAsync(TimeSpan.FromMilliseconds(50)))
            {
                return listener;
            }
        } while (Stopwatch.GetElapsedTime(started) < Patience);

        throw new TimeoutException("No message came to the subscription.");
    }

    /// <summary>Waits for the next message.</summary>
    public async Task<byte[]> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _heard.Reader.ReadAsync(patience.Token);
    }

    /// <summary>What has come and was not waited for.</summary>
    public IReadOnlyList<byte[]> Rest()
    {
        var rest = new List<byte[]>();
        while (_heard.Reader.TryRead(out var message))
        {
            rest.Add(message);
        }

        return rest;
    }

    public void OnMessage(ReadOnlyMemory<byte> message)
    {
        if (Interlocked.Increment(ref _inside) != 1)
        {
            Overlaps++;
        }

        var span = message.Span;
        if (span.Length > MarkLength && new Guid(span[..MarkLength]) == _mark)
        {
            if (span[MarkLength] == Probe)
            {
                _probed.Release();
            }
            else
            {
                _heard.Writer.TryWrite(span[(MarkLength + 1)..].ToArray());
            }
        }

        Interlocked.Decrement(ref _inside);
    }

    public void OnInterrupted() { }

    public void Dispose() => _subscription?.Dispose();

    private static byte[] Mark(Guid mark, byte kind, ReadOnlySpan<byte> body) => [.. mark.ToByteArray(), kind, .. body];
}
