using System.Buffers;
using Autom8.Redis.Connection;
using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace Autom8.Redis;

/// <summary>
/// <see cref="IBufferDistributedCache"/> on plain strings: GET, SET with PX, DEL. One round trip each, no script and no hash. Expiry is absolute; sliding expiration is refused, for it would cost a write per read.
/// </summary>
internal sealed class RedisDistributedCache(RedisConnection connection, string keyPrefix, TimeProvider time) : IBufferDistributedCache
{
    // Never longer than Redis takes (about 292 million years would do): a century is "does not expire".
    private static readonly TimeSpan Century = TimeSpan.FromDays(36_500);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        var database = await connection.GetDatabaseAsync(token).ConfigureAwait(false);
        return (byte[]?)await database.StringGetAsync(keyPrefix + key).WaitAsync(token).ConfigureAwait(false);
    }

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        var database = await connection.GetDatabaseAsync(token).ConfigureAwait(false);
        using var lease = await database.StringGetLeaseAsync(keyPrefix + key).WaitAsync(token).ConfigureAwait(false);
        if (lease is null)
        {
            return false;
        }

        destination.Write(lease.Span);
        return true;
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        StoreAsync(key, value, options, token);

    public ValueTask SetAsync(
        string key,
        ReadOnlySequence<byte> value,
        DistributedCacheEntryOptions options,
        CancellationToken token = default
    ) => new(StoreAsync(key, value.IsSingleSegment ? value.First : value.ToArray(), options, token));

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        var database = await connection.GetDatabaseAsync(token).ConfigureAwait(false);
        await database.KeyDeleteAsync(keyPrefix + key).ConfigureAwait(false);
    }

    public byte[]? Get(string key) => throw Synchronous();

    public bool TryGet(string key, IBufferWriter<byte> destination) => throw Synchronous();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw Synchronous();

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw Synchronous();

    public void Remove(string key) => throw Synchronous();

    public void Refresh(string key) { }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    // Writes and deletes are awaited to their own end, not cancelled: whoever asked must know when they can no longer land.
    private async Task StoreAsync(string key, ReadOnlyMemory<byte> value, DistributedCacheEntryOptions options, CancellationToken token)
    {
        if (options.SlidingExpiration is not null)
        {
            throw new NotSupportedException("The Redis tier keeps absolute expiration only; set AbsoluteExpirationRelativeToNow.");
        }

        var lifetime = options.AbsoluteExpirationRelativeToNow ?? (options.AbsoluteExpiration - time.GetUtcNow());
        var database = await connection.GetDatabaseAsync(token).ConfigureAwait(false);
        if (lifetime < TimeSpan.FromMilliseconds(1))
        {
            await database.KeyDeleteAsync(keyPrefix + key).ConfigureAwait(false);
            return;
        }

        var expiration = lifetime is { } finite && finite < Century ? new Expiration(finite) : Expiration.Default;
        await database.StringSetAsync(keyPrefix + key, value, expiration).ConfigureAwait(false);
    }

    private static NotSupportedException Synchronous() => new("The tiered cache is asynchronous; a blocking call to Redis is never made.");
}
