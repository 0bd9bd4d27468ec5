using System.Text;
using Autom8.Caching.Distributed;

namespace Autom8.Caching.Tests.SharedCache;

/// <summary>Writes down what a subscriber hears: the text of a message, or <see cref="Interruption"/>.</summary>
internal sealed class SharedCacheRecorder(Action<string>? then = null) : ISharedCacheSubscriber
{
    public const string Interruption = "(interrupted)";

    public List<string> Heard { get; } = [];

    public void OnMessage(ReadOnlyMemory<byte> message) => Hear(Encoding.UTF8.GetString(message.Span));

    public void OnInterrupted() => Hear(Interruption);

    private void Hear(string what)
    {
        Heard.Add(what);
        then?.Invoke(what);
    }
}
