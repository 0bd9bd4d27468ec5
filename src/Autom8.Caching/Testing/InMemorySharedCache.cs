using System.Runtime.ExceptionServices;
using Autom8.Caching.Distributed;

namespace Autom8.Caching.Testing;

/// <summary>
/// A shared tier in memory, for tests: a server that every node of a test reaches over a link of its own (<see cref="Connect"/>), and that restarts, fails over and forgets when a script says so.
/// </summary>
/// <remarks>
/// <para>It keeps all that <see cref="ISharedCache"/> promises. Lifetimes run on the monotonic time of the <see cref="TimeProvider"/>.</para>
/// <para>Deterministic: it starts no thread and no timer, holds no lock while it calls a subscriber or completes a caller, and what waits for an answer runs inside the call that delivers it.
/// It may be used from many threads.</para>
/// <para>A subscriber that throws fails the call that has delivered the message.</para>
/// </remarks>
public sealed class InMemorySharedCache
{
    private readonly SharedNames _names;
    private InMemorySharedCacheLink[] _links = [];

    /// <summary>Starts an empty server.</summary>
    /// <param name="time">What lifetimes are measured by; the system's unless given.</param>
    public InMemorySharedCache(TimeProvider? time = null) => _names = new SharedNames(time ?? TimeProvider.System);

    /// <summary>How many values there are.</summary>
    public int Count
    {
        get
        {
            lock (Gate)
            {
                return _names.Filled.Count();
            }
        }
    }

    /// <summary>The names that have a value, at this moment, in no order.</summary>
    public IReadOnlyCollection<string> Names
    {
        get
        {
            lock (Gate)
            {
                return _names.Filled.ToArray();
            }
        }
    }

    /// <summary>
    /// The value under a name, or null. Setting it puts other bytes in its place, or takes it away, behind the back of all nodes: no message, no end of a lease, and the lifetime stays what it was.
    /// </summary>
    /// <param name="name">The name.</param>
    public ReadOnlyMemory<byte>? this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            lock (Gate)
            {
                return GetCommand.Read(_names, name);
            }
        }
        set
        {
            ArgumentNullException.ThrowIfNull(name);
            var payload = value?.ToArray();
            lock (Gate)
            {
                var state = _names[name];
                _names[name] = payload is null ? state.WithPayload(null) : state.WithPayload(payload, state.PayloadEnd);
            }
        }
    }

    /// <summary>Guards the names and the state of all links: one order of effects and messages for all nodes.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Makes the link of one more node.</summary>
    /// <returns>The link: the node's <see cref="ISharedCache"/>, and the script of its faults.</returns>
    public InMemorySharedCacheLink Connect()
    {
        var link = new InMemorySharedCacheLink(this);
        lock (Gate)
        {
            _links = [.. _links, link];
        }

        return link;
    }

    /// <summary>Restarts the server: it is no longer what it was, and every node that listens is told that it was interrupted.</summary>
    /// <param name="keepData">Whether it comes back with all it had, leases and fences included, or empty.</param>
    public void Restart(bool keepData)
    {
        lock (Gate)
        {
            _names.Restart(keepData);
            InterruptAll();
        }

        DeliverMessages();
    }

    /// <summary>Another server takes over, which has not received the last writes; every node that listens is told that it was interrupted. Messages of the lost writes may have been heard.</summary>
    /// <param name="lostOperations">
    /// How many of the last operations that changed something are undone, in reverse order; at most 1,024. Operations before the last <see cref="Restart"/> are not undone.
    /// </param>
    public void FailOver(int lostOperations = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lostOperations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lostOperations, SharedNames.MaximumLoss);
        lock (Gate)
        {
            _names.FailOver(lostOperations);
            InterruptAll();
        }

        DeliverMessages();
    }

    /// <summary>Empties the server, leases, fences and positions included. It stays what it was, and nobody is told. One operation, for <see cref="FailOver"/>.</summary>
    public void Flush()
    {
        lock (Gate)
        {
            _names.Clear();
        }
    }

    /// <summary>Carries out a command and queues its message to those who listen. Called under <see cref="Gate"/>.</summary>
    internal TAnswer Apply<TCommand, TAnswer>(TCommand command)
        where TCommand : struct, ISharedCommand<TAnswer>
    {
        var answer = command.Apply(_names);
        if (command.Message is { } message)
        {
            foreach (var link in _links)
            {
                link.Receive(message);
            }
        }

        return answer;
    }

    /// <summary>Lets the links call their subscribers. Never called under <see cref="Gate"/>.</summary>
    internal void DeliverMessages()
    {
        ExceptionDispatchInfo? thrown = null;
        DeliverMessages(ref thrown);
        thrown?.Throw();
    }

    /// <summary>The same, and leaves it to the caller to throw the first that a subscriber has thrown.</summary>
    internal void DeliverMessages(ref ExceptionDispatchInfo? thrown)
    {
        foreach (var link in Volatile.Read(ref _links))
        {
            link.DeliverMessages(ref thrown);
        }
    }

    private void InterruptAll()
    {
        foreach (var link in _links)
        {
            link.Interrupted();
        }
    }
}
