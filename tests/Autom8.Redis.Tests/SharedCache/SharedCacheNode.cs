using System.Diagnostics;
using System.Text;
using Autom8.Caching.Distributed;
using Autom8.Redis.Connection;
using Autom8.Redis.SharedCache;
using StackExchange.Redis;

namespace Autom8.Redis.Tests.SharedCache;

/// <summary>One node's shared cache on a connection of its own.</summary>
internal sealed class SharedCacheNode : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly RedisConnection _connection;

    public SharedCacheNode(string configuration, string prefix = "test:")
    {
        _connection = new RedisConnection(configuration);
        Cache = new RedisSharedCache(_connection, prefix, TimeProvider.System);
        Prefix = prefix;
    }

    public ISharedCache Cache { get; }

    public string Prefix { get; }

    public async Task<IConnectionMultiplexer> ConnectionAsync() => await _connection.GetAsync(CancellationToken.None);

    public async Task<IDatabase> DatabaseAsync() => (await ConnectionAsync()).GetDatabase();

    public async Task SetAsync(string name, string value) => Assert.True(await Cache.SetAsync(name, Bytes(value), null, default));

    public async Task<string?> GetAsync(string name, CancellationToken cancellationToken = default) =>
        await Cache.GetAsync(name, cancellationToken) is { } found ? Text(found) : null;

    public async Task<IEnumerable<string?>> GetManyAsync(params string[] names) =>
        Array.ConvertAll(await Cache.GetManyAsync(names, CancellationToken.None), found => found is { } there ? Text(there) : null);

    public async Task<string> BeatAsync(string fresh, string message = "") =>
        Text(await Cache.BeatAsync("epoch", Bytes(fresh), Bytes(message), CancellationToken.None));

    /// <summary>Until a value can be stored and is read back.</summary>
    public async Task UsableAsync()
    {
        var since = Stopwatch.GetTimestamp();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            try
            {
                await Cache.SetAsync("usable", Bytes("yes"), null, default);
                Assert.Equal("yes", await GetAsync("usable"));
                return;
            }
            catch (Exception error) when (error is RedisException or TimeoutException && Stopwatch.GetElapsedTime(since) < Patience)
            {
                await pace.WaitForNextTickAsync();
            }
        }
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public async ValueTask DisposeAsync()
    {
        (Cache as IDisposable)?.Dispose();
        await _connection.DisposeAsync();
    }
}
