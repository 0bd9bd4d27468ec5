using System.Threading.Channels;
using Autom8.Caching.Distributed;

namespace Autom8.Redis.Tests.SharedCache;

/// <summary>Writes down what it hears: a message, or null for an interruption.</summary>
internal sealed class SharedCacheRecorder : ISharedCacheSubscriber
{
    private readonly Channel<string?> _heard = Channel.CreateUnbounded<string?>();

    public void OnMessage(ReadOnlyMemory<byte> message) => _heard.Writer.TryWrite(SharedCacheNode.Text(message));

    public void OnInterrupted() => _heard.Writer.TryWrite(null);

    /// <summary>Until that has come, whatever else comes before.</summary>
    public async Task UntilAsync(string? expected)
    {
        using var patience = new CancellationTokenSource(SharedCacheNode.Patience);
        while (await _heard.Reader.ReadAsync(patience.Token) != expected) { }
    }

    /// <summary>Whether that comes before the next interruption, in which it may have been lost.</summary>
    public async Task<bool> HearsAsync(string expected)
    {
        using var patience = new CancellationTokenSource(SharedCacheNode.Patience);
        while (await _heard.Reader.ReadAsync(patience.Token) is { } message)
        {
            if (message == expected)
            {
                return true;
            }
        }

        return false;
    }

    public void Forget()
    {
        while (_heard.Reader.TryRead(out _)) { }
    }
}
