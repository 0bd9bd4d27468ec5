using System.Globalization;
using Autom8.Caching.Distributed;
using Autom8.Redis.Connection;
using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>
/// The shared cache on Redis: values are plain strings, read with GET or MGET (concurrent reads share one, see <see cref="ReadCoalescer"/>); whatever changes something is one script, and so one step.
/// </summary>
/// <remarks>
/// Reads ask primaries only. Two things that Redis does not give are not promised: a fail-over to a replica that had not yet received the last writes loses them (the next beat tells the nodes),
/// and a read that was called before a write of the same name may see it, since reads may wait for a batch.
/// </remarks>
internal sealed class RedisSharedCache : ISharedCache, IDisposable
{
    private static readonly TimeSpan Century = TimeSpan.FromDays(36_500);
    private static readonly long PositionLifetime = (long)SharedFence.PositionLifetime.TotalMilliseconds;

    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;
    private readonly RedisKeys _keys;
    private readonly RedisChannel _bus;
    private readonly RedisValue _busName;
    private readonly Lock _gate = new();
    private RedisLine? _line;
    private RedisSubscription? _subscription;
    private bool _disposed;

    public RedisSharedCache(RedisConnection connection, string keyPrefix, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _keys = new(keyPrefix);

        // The driver puts the application's own prefix before the channel; a script has to do so itself.
        var name = keyPrefix + "bus";
        _bus = RedisChannel.Literal(name);
        _busName = (string?)connection.Description.ChannelPrefix + name;
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken)
    {
        return _line is { } line ? line.GetAsync(name, cancellationToken) : ConnectAndGetAsync(name, cancellationToken);

        async ValueTask<ReadOnlyMemory<byte>?> ConnectAndGetAsync(string name, CancellationToken cancellationToken) =>
            await (await LineAsync(cancellationToken).ConfigureAwait(false)).GetAsync(name, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ReadOnlyMemory<byte>?[]> GetManyAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var line = _line ?? await LineAsync(cancellationToken).ConfigureAwait(false);
        return await line.GetManyAsync(names, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<SharedLease> LeaseAsync(
        string name,
        ulong token,
        TimeSpan lifetime,
        SharedLeaseMode mode,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var line = _line ?? await LineAsync(cancellationToken).ConfigureAwait(false);
        var answer = (RedisResult[])
            (
                await line.RunAsync(
                        RedisScript.Lease,
                        name,
                        [_keys.Value(name), _keys.Lease(name), _keys.Fences(name), _keys.Position(name)],
                        [token, Milliseconds(lifetime), (int)mode]
                    )
                    .WaitAsync(cancellationToken)
                    .ConfigureAwait(false)
            )!;
        var status = (SharedLeaseStatus)(int)answer[0];
        return status switch
        {
            SharedLeaseStatus.Filled => new(status, (RedisValue)answer[1]),
            SharedLeaseStatus.Granted => new(status, Position: ulong.Parse((string)answer[1]!, CultureInfo.InvariantCulture)),
            _ => new(status),
        };
    }

    public async ValueTask<bool> FillAsync(string name, ulong token, ReadOnlyMemory<byte> payload, TimeSpan? lifetime)
    {
        var line = _line ?? await LineAsync(CancellationToken.None).ConfigureAwait(false);
        return (bool)
            await line.RunAsync(
                    RedisScript.Fill,
                    name,
                    [_keys.Value(name), _keys.Lease(name), _keys.Fences(name)],
                    [token, payload, Milliseconds(lifetime)]
                )
                .ConfigureAwait(false);
    }

    public async ValueTask ReleaseAsync(string name, ulong token)
    {
        var line = _line ?? await LineAsync(CancellationToken.None).ConfigureAwait(false);
        await line.RunAsync(RedisScript.Release, name, [_keys.Lease(name)], [token]).ConfigureAwait(false);
    }

    public async ValueTask<bool> SetAsync(string name, ReadOnlyMemory<byte> payload, TimeSpan? lifetime, ReadOnlyMemory<byte> message)
    {
        var line = _line ?? await LineAsync(CancellationToken.None).ConfigureAwait(false);
        return (bool)
            await line.RunAsync(
                    RedisScript.Set,
                    name,
                    [_keys.Value(name), _keys.Lease(name), _keys.Fences(name)],
                    [payload, Milliseconds(lifetime), _busName, message]
                )
                .ConfigureAwait(false);
    }

    public async ValueTask<ReadOnlyMemory<byte>> GetOrAddAsync(string name, ReadOnlyMemory<byte> payload, TimeSpan? lifetime)
    {
        var line = _line ?? await LineAsync(CancellationToken.None).ConfigureAwait(false);
        var found = await line.RunAsync(RedisScript.GetOrAdd, name, [_keys.Value(name)], [payload, Milliseconds(lifetime)])
            .ConfigureAwait(false);
        return found.IsNull ? payload : (RedisValue)found;
    }

    public async ValueTask RemoveAsync(string name, ReadOnlyMemory<byte> message, SharedFence fence = default)
    {
        var line = _line ?? await LineAsync(CancellationToken.None).ConfigureAwait(false);
        await line.RunAsync(
                RedisScript.Remove,
                name,
                [_keys.Value(name), _keys.Lease(name), _keys.Fences(name), _keys.Position(name)],
                [_busName, message, fence.Owner, FenceMilliseconds(fence.Lifetime), fence.Position, PositionLifetime]
            )
            .ConfigureAwait(false);
    }

    public async ValueTask<ReadOnlyMemory<byte>> BeatAsync(
        string name,
        ReadOnlyMemory<byte> fresh,
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var line = _line ?? await LineAsync(cancellationToken).ConfigureAwait(false);
        var value = _keys.Value(name);
        var identity = await line.Topology.IdentifyAsync(value).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        var answer = await line.RunAsync(RedisScript.Beat, name, [value, _keys.Identity(name)], [fresh, _busName, message, identity])
            .WaitAsync(cancellationToken)
            .ConfigureAwait(false);
        return (RedisValue)answer;
    }

    public IDisposable Subscribe(ISharedCacheSubscriber subscriber)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _subscription = new(_connection, _bus, subscriber, _time, _subscription?.Listening ?? Task.CompletedTask);
        }
    }

    public void Dispose()
    {
        RedisSubscription? subscription;
        lock (_gate)
        {
            _disposed = true;
            _line?.Dispose();
            subscription = _subscription;
        }

        // Not under the lock: it waits for a delivery, which may be calling us.
        subscription?.Dispose();
    }

    private async ValueTask<RedisLine> LineAsync(CancellationToken cancellationToken)
    {
        var connection = await _connection.GetAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _line ??= new(connection, _keys);
        }
    }

    /// <returns>What the scripts take: nothing for a life without end, 0 for one that is over.</returns>
    private static RedisValue Milliseconds(TimeSpan? lifetime) =>
        lifetime is { } finite && finite < Century ? (long)Math.Max(finite.TotalMilliseconds, 0) : RedisValue.EmptyString;

    // A fence that is raised stands for a millisecond at least: 0 lifts.
    private static long FenceMilliseconds(TimeSpan lifetime) =>
        lifetime <= TimeSpan.Zero ? 0 : (long)Math.Ceiling(Math.Min(lifetime.TotalMilliseconds, Century.TotalMilliseconds));
}
