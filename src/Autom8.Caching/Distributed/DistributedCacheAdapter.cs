using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Autom8.Caching.Distributed;

/// <summary>
/// A bare <see cref="IDistributedCache"/> in the shape the cache speaks: bytes and nothing else. There are no leases, so every load may be stored, and no messages, so nobody hears of anything.
/// </summary>
internal sealed class DistributedCacheAdapter(IDistributedCache cache) : ISharedCache
{
    private readonly IBufferDistributedCache? _buffered = cache as IBufferDistributedCache;

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken)
    {
        // A bare null would become empty memory on its way through the conversion from byte[]: a value where there is none.
        if (_buffered is null)
        {
            return await cache.GetAsync(name, cancellationToken).ConfigureAwait(false) is { } bytes
                ? bytes
                : default(ReadOnlyMemory<byte>?);
        }

        // Not pooled: a call that has missed its deadline may write into the buffer after we have left.
        var buffer = new ArrayBufferWriter<byte>(512);
        return await _buffered.TryGetAsync(name, buffer, cancellationToken).ConfigureAwait(false)
            ? buffer.WrittenMemory
            : default(ReadOnlyMemory<byte>?);
    }

    public async ValueTask<ReadOnlyMemory<byte>?[]> GetManyAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        await Task.WhenAll(names.Select(name => GetAsync(name, cancellationToken).AsTask())).ConfigureAwait(false);

    public ValueTask<SharedLease> LeaseAsync(
        string name,
        ulong token,
        TimeSpan lifetime,
        SharedLeaseMode mode,
        CancellationToken cancellationToken
    ) => new(new SharedLease(SharedLeaseStatus.Granted));

    public async ValueTask<bool> FillAsync(string name, ulong token, ReadOnlyMemory<byte> payload, TimeSpan? lifetime)
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = lifetime };
        if (_buffered is null)
        {
            await cache.SetAsync(name, payload.ToArray(), options).ConfigureAwait(false);
        }
        else
        {
            await _buffered.SetAsync(name, new ReadOnlySequence<byte>(payload), options).ConfigureAwait(false);
        }

        return true;
    }

    public ValueTask ReleaseAsync(string name, ulong token) => ValueTask.CompletedTask;

    public ValueTask<bool> SetAsync(string name, ReadOnlyMemory<byte> payload, TimeSpan? lifetime, ReadOnlyMemory<byte> message) =>
        FillAsync(name, 0, payload, lifetime);

    public async ValueTask<ReadOnlyMemory<byte>> GetOrAddAsync(string name, ReadOnlyMemory<byte> payload, TimeSpan? lifetime)
    {
        if (await GetAsync(name, CancellationToken.None).ConfigureAwait(false) is { } there)
        {
            return there;
        }

        await FillAsync(name, 0, payload, lifetime).ConfigureAwait(false);
        return payload;
    }

    public ValueTask RemoveAsync(string name, ReadOnlyMemory<byte> message, SharedFence fence = default) => new(cache.RemoveAsync(name));

    public async ValueTask<ReadOnlyMemory<byte>> BeatAsync(
        string name,
        ReadOnlyMemory<byte> fresh,
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    ) => await GetAsync(name, cancellationToken).ConfigureAwait(false) ?? default;

    public IDisposable Subscribe(ISharedCacheSubscriber subscriber) =>
        throw new NotSupportedException("A bare distributed cache has no messages.");
}
