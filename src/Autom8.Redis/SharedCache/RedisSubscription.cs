using System.Threading.Channels;
using Autom8.Caching.Distributed;
using Autom8.Redis.Connection;
using StackExchange.Redis;

namespace Autom8.Redis.SharedCache;

/// <summary>Listens on the bus until disposed, whatever becomes of the servers.</summary>
/// <remarks>
/// The driver subscribes again by itself when a connection comes back, but does not say when that has taken effect. So whenever a connection comes or goes this asks for the same channel once more,
/// which is answered when the server has confirmed it, and only then says that messages may have been missed: whatever is looked up after that is watched.
/// </remarks>
internal sealed class RedisSubscription : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _connection;
    private readonly RedisChannel _name;
    private readonly ISharedCacheSubscriber _subscriber;
    private readonly Lock _delivery = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly ITimer _retry;
    private readonly Action<RedisChannel, RedisValue> _probe = static (_, _) => { };
    private ChannelMessageQueue? _queue;
    private bool _moved;
    private bool _ended;

    /// <param name="connection">The connection.</param>
    /// <param name="name">The channel.</param>
    /// <param name="subscriber">Who hears.</param>
    /// <param name="time">Paces what is tried again.</param>
    /// <param name="predecessor">Ends when an earlier subscription to the channel has been left: the driver cannot take one up while it gives the other up.</param>
    public RedisSubscription(
        RedisConnection connection,
        RedisChannel name,
        ISharedCacheSubscriber subscriber,
        TimeProvider time,
        Task predecessor
    )
    {
        _connection = connection;
        _name = name;
        _subscriber = subscriber;
        _retry = time.CreateTimer(
            static self => ((RedisSubscription)self!).Wake(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        Wake();

        // The first connection is made on another thread: the caller does not wait for it.
        Listening = Task.Run(() => ListenAsync(predecessor));
    }

    /// <summary>Ends after <see cref="Dispose"/>, when nothing is subscribed any more.</summary>
    public Task Listening { get; }

    /// <summary>Nothing is delivered any more when it returns, except to the subscriber that calls it.</summary>
    public void Dispose()
    {
        lock (_delivery)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
        }

        _end.Cancel();
        _retry.Dispose();
    }

    private async Task ListenAsync(Task predecessor)
    {
        await predecessor.ConfigureAwait(false);
        IConnectionMultiplexer? connection = null;
        try
        {
            while (await _wake.Reader.WaitToReadAsync(_end.Token).ConfigureAwait(false))
            {
                _wake.Reader.TryRead(out _);
                try
                {
                    if (connection is null)
                    {
                        connection = await _connection.GetAsync(_end.Token).ConfigureAwait(false);
                        connection.ConnectionFailed += Changed;
                        connection.ConnectionRestored += Changed;
                        connection.ConfigurationChanged += Moved;
                    }

                    await EstablishAsync(connection.GetSubscriber()).ConfigureAwait(false);
                    Interrupted();
                }
                catch (Exception error) when (error is RedisException or TimeoutException)
                {
                    // Nobody is there. A connection that comes back wakes us; should one be missed, the timer does.
                    _retry.Change(RetryDelay, Timeout.InfiniteTimeSpan);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // Disposed, or the connection was.
        }

        if (connection is not null)
        {
            connection.ConnectionFailed -= Changed;
            connection.ConnectionRestored -= Changed;
            connection.ConfigurationChanged -= Moved;
            LeaveQueue();
        }
    }

    private async Task EstablishAsync(ISubscriber bus)
    {
        if (Interlocked.Exchange(ref _moved, false))
        {
            // Where we are subscribed may no longer be where messages are published.
            LeaveQueue();
        }

        // A handler that does nothing, for it can be taken back when this fails, where a queue could not.
        try
        {
            await bus.SubscribeAsync(_name, _probe).WaitAsync(_end.Token).ConfigureAwait(false);
            if (_queue is null)
            {
                _queue = await bus.SubscribeAsync(_name).ConfigureAwait(false);
                _queue.OnMessage(Deliver);
            }
        }
        finally
        {
            await bus.UnsubscribeAsync(_name, _probe, CommandFlags.FireAndForget).ConfigureAwait(false);
        }
    }

    private void LeaveQueue()
    {
        _queue?.Unsubscribe(CommandFlags.FireAndForget);
        _queue = null;
    }

    private void Moved(object? sender, EndPointEventArgs change)
    {
        Volatile.Write(ref _moved, true);
        Changed(sender, change);
    }

    private void Changed(object? sender, EventArgs change)
    {
        Interrupted();
        Wake();
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private void Deliver(ChannelMessage message)
    {
        lock (_delivery)
        {
            if (!_ended)
            {
                _subscriber.OnMessage(message.Message);
            }
        }
    }

    private void Interrupted()
    {
        lock (_delivery)
        {
            if (!_ended)
            {
                _subscriber.OnInterrupted();
            }
        }
    }
}
