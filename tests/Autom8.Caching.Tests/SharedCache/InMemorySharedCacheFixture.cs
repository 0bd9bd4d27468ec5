using System.Text;
using Autom8.Caching.Distributed;
using Autom8.Caching.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests.SharedCache;

/// <summary>A server with two nodes, and short words for what they do.</summary>
public abstract class InMemorySharedCacheFixture
{
    protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    protected static readonly CancellationToken None = CancellationToken.None;

    protected InMemorySharedCacheFixture()
    {
        Server = new InMemorySharedCache(Time);
        A = Server.Connect();
        B = Server.Connect();
    }

    protected FakeTimeProvider Time { get; } = new();

    protected InMemorySharedCache Server { get; }

    protected InMemorySharedCacheLink A { get; }

    protected InMemorySharedCacheLink B { get; }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static Task<bool> SetAsync(ISharedCache link, string name, string text) =>
        link.SetAsync(name, Bytes(text), null, Bytes($"{name}={text}")).AsTask();

    protected static Task RemoveAsync(ISharedCache link, string name) => link.RemoveAsync(name, Bytes($"-{name}")).AsTask();

    protected static async Task<string> BeatAsync(ISharedCache link, string fresh) =>
        Encoding.UTF8.GetString((await link.BeatAsync("epoch", Bytes(fresh), Bytes("beat"), None)).Span);

    protected static async Task<SharedLeaseStatus> LeaseAsync(ISharedCache link, string name, ulong token) =>
        (await link.LeaseAsync(name, token, Minute, SharedLeaseMode.Miss, None)).Status;

    /// <summary>What the server holds.</summary>
    protected string? Held(string name) => Server[name] is { } there ? Encoding.UTF8.GetString(there.Span) : null;
}
