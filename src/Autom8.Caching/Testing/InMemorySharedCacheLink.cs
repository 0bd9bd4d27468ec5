using Autom8.Caching.Distributed;

namespace Autom8.Caching.Testing;

/// <summary>The connection of one node to an <see cref="InMemorySharedCache"/>, and the script of what goes wrong with it.</summary>
/// <remarks>
/// Operations that fail do so with an <see cref="IOException"/>. A subscription is in force when <see cref="Subscribe"/> returns, so that nothing has been missed and
/// <see cref="ISharedCacheSubscriber.OnInterrupted"/> is not called for it.
/// </remarks>
public sealed partial class InMemorySharedCacheLink : ISharedCache
{
    private readonly InMemorySharedCache _server;

    internal InMemorySharedCacheLink(InMemorySharedCache server) => _server = server;

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        return SendAsync<GetCommand, ReadOnlyMemory<byte>?>(new(name), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?[]> GetManyAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] asked = [.. names];
        foreach (var name in asked)
        {
            ArgumentNullException.ThrowIfNull(name, nameof(names));
        }

        return SendAsync<GetManyCommand, ReadOnlyMemory<byte>?[]>(new(asked), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SharedLease> LeaseAsync(
        string name,
        ulong token,
        TimeSpan lifetime,
        SharedLeaseMode mode,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfZero(token);
        ThrowIfNotPositive(lifetime);
        return SendAsync<LeaseCommand, SharedLease>(new(name, token, lifetime, mode), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> FillAsync(string name, ulong token, ReadOnlyMemory<byte> payload, TimeSpan? lifetime)
    {
        ArgumentNullException.ThrowIfNull(name);
        ThrowIfNotPositive(lifetime);
        return SendAsync<FillCommand, bool>(new(name, token, payload.ToArray(), lifetime));
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(string name, ulong token)
    {
        ArgumentNullException.ThrowIfNull(name);
        return WithoutAnswer(SendAsync<ReleaseCommand, bool>(new(name, token)));
    }

    /// <inheritdoc/>
    public ValueTask<bool> SetAsync(string name, ReadOnlyMemory<byte> payload, TimeSpan? lifetime, ReadOnlyMemory<byte> message)
    {
        ArgumentNullException.ThrowIfNull(name);
        ThrowIfNotPositive(lifetime);
        return SendAsync<SetCommand, bool>(new(name, payload.ToArray(), lifetime, message.ToArray()));
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrAddAsync(string name, ReadOnlyMemory<byte> payload, TimeSpan? lifetime)
    {
        ArgumentNullException.ThrowIfNull(name);
        ThrowIfNotPositive(lifetime);
        return SendAsync<GetOrAddCommand, ReadOnlyMemory<byte>>(new(name, payload.ToArray(), lifetime));
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(string name, ReadOnlyMemory<byte> message, SharedFence fence = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return WithoutAnswer(SendAsync<RemoveCommand, bool>(new(name, message.ToArray(), fence)));
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> BeatAsync(
        string name,
        ReadOnlyMemory<byte> fresh,
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        return SendAsync<BeatCommand, ReadOnlyMemory<byte>>(new(name, fresh.ToArray(), message.ToArray()), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is a subscription already.</exception>
    public IDisposable Subscribe(ISharedCacheSubscriber subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        var subscription = new Subscription(this, subscriber);
        lock (_server.Gate)
        {
            _subscription = _subscription is null
                ? subscription
                : throw new InvalidOperationException("The link has a subscription already.");
        }

        return subscription;
    }

    private static ValueTask WithoutAnswer(ValueTask<bool> sent) => sent.IsCompletedSuccessfully ? default : new ValueTask(sent.AsTask());

    private static void ThrowIfNotPositive(TimeSpan? lifetime)
    {
        if (lifetime <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, "A lifetime must be positive.");
        }
    }

    private sealed class Subscription(InMemorySharedCacheLink link, ISharedCacheSubscriber subscriber) : IDisposable
    {
        public ISharedCacheSubscriber Subscriber => subscriber;

        public void Dispose()
        {
            lock (link._server.Gate)
            {
                if (link._subscription == this)
                {
                    link._subscription = null;
                    link._messages.Clear();
                }
            }
        }
    }
}
