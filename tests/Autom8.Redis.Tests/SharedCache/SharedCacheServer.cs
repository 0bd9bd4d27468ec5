using Autom8.Testing;

namespace Autom8.Redis.Tests.SharedCache;

/// <summary>A server of one test class's own, with two nodes.</summary>
public sealed class SharedCacheServer : IAsyncLifetime
{
    internal RedisServer Server { get; private set; } = null!;

    internal SharedCacheNode First { get; private set; } = null!;

    internal SharedCacheNode Second { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await RedisServer.StartAsync();
        First = new(Server.Endpoint);
        Second = new(Server.Endpoint);
    }

    public async Task DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Server.DisposeAsync();
    }
}
