using System.Runtime.ExceptionServices;

namespace Autom8.Caching.Testing;

// How operations and messages travel. All state is guarded by the server's gate.
public sealed partial class InMemorySharedCacheLink
{
    private readonly List<PendingOperation> _operations = [];

    /// <summary>Null stands for an interruption, which takes its place among the messages.</summary>
    private readonly Queue<byte[]?> _messages = [];
    private readonly long[] _calls = new long[9];
    private InMemoryDelivery _delivery;
    private Subscription? _subscription;
    private bool _delivering;

    /// <summary>When operations and messages arrive. Setting it to <see cref="InMemoryDelivery.Immediate"/> delivers all that is pending.</summary>
    public InMemoryDelivery Delivery
    {
        get
        {
            lock (_server.Gate)
            {
                return _delivery;
            }
        }
        set
        {
            lock (_server.Gate)
            {
                _delivery = value;
            }

            DeliverAll();
        }
    }

    /// <summary>The operations that have been sent and not been answered.</summary>
    public int PendingOperations
    {
        get
        {
            lock (_server.Gate)
            {
                return _operations.Count;
            }
        }
    }

    /// <summary>The messages (and interruptions) that are on their way to the subscriber.</summary>
    public int PendingMessages
    {
        get
        {
            lock (_server.Gate)
            {
                return _messages.Count;
            }
        }
    }

    /// <summary>How often this node has called, failed calls included.</summary>
    /// <param name="operations">The operations that count.</param>
    /// <returns>The number of calls.</returns>
    public long Calls(SharedOperation operations)
    {
        var sum = 0L;
        lock (_server.Gate)
        {
            for (var i = 0; i < _calls.Length; i++)
            {
                sum += ((int)operations & (1 << i)) != 0 ? _calls[i] : 0;
            }
        }

        return sum;
    }

    /// <summary>
    /// Takes a pending operation one step further. The first step carries the request to the server, where it takes effect; the second carries the answer back and runs what waits for it.
    /// Between the two, messages can be delivered that overtake the answer.
    /// </summary>
    /// <param name="index">
    /// Which one, from the oldest. The requests that concern one name go in the order of the calls, and so do their answers: where an earlier one has to go first, that one goes.
    /// </param>
    /// <returns>Whether there was such an operation and it could move.</returns>
    public bool DeliverOperation(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        PendingOperation operation;
        bool complete;
        lock (_server.Gate)
        {
            if (IsFrozen || index >= _operations.Count)
            {
                return false;
            }

            for (var earlier = index - 1; earlier >= 0; earlier--)
            {
                var (candidate, first) = (_operations[index], _operations[earlier]);
                if (first.IsAnswered == candidate.IsAnswered && first.SharesNameWith(candidate))
                {
                    index = earlier;
                }
            }

            operation = _operations[index];
            complete = operation.IsAnswered;
            if (!complete)
            {
                operation.Answer(_server);
            }

            if (complete || operation.IsGivenUp)
            {
                _operations.RemoveAt(index);
            }
        }

        if (complete)
        {
            operation.Complete();
        }
        else
        {
            _server.DeliverMessages();
        }

        return true;
    }

    /// <summary>Delivers the oldest pending message, or drops it where <see cref="DropNextMessages"/> says so.</summary>
    /// <returns>Whether there was one and it could move.</returns>
    public bool DeliverMessage()
    {
        var moved = DeliverMessage(byScript: true);
        DeliverMessages();
        return moved;
    }

    /// <summary>A message has been published. Called under the gate.</summary>
    internal void Receive(byte[] message)
    {
        if (_subscription is not null && !IsCut && !_messagesCut)
        {
            _messages.Enqueue(message);
        }
    }

    /// <summary>The connection was lost or has come. Called under the gate.</summary>
    internal void Interrupted()
    {
        if (_subscription is not null && !IsCut && !_messagesCut)
        {
            _messages.Enqueue(null);
        }
    }

    /// <summary>Calls the subscriber with all that has come, unless a script does that. Goes on when it throws.</summary>
    internal void DeliverMessages(ref ExceptionDispatchInfo? thrown)
    {
        // Read without the gate: a thread sees what it has queued itself, and another thread delivers its own.
        while (_messages.Count > 0)
        {
            try
            {
                if (!DeliverMessage(byScript: false))
                {
                    return;
                }
            }
            catch (Exception exception)
            {
                thrown ??= ExceptionDispatchInfo.Capture(exception);
            }
        }
    }

    /// <summary>What an operation that fails by the script fails with.</summary>
    internal static IOException Failure() => new("The shared cache does not answer.");

    private ValueTask<TAnswer> SendAsync<TCommand, TAnswer>(TCommand command, CancellationToken cancellationToken = default)
        where TCommand : struct, ISharedCommand<TAnswer>
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TAnswer>(cancellationToken);
        }

        TAnswer answer;
        ScriptedFault fault;
        lock (_server.Gate)
        {
            _calls[int.TrailingZeroCount((int)command.Operation)]++;
            if (IsCut)
            {
                return ValueTask.FromException<TAnswer>(Failure());
            }

            fault = TakeFault(command.Operation);

            // Also behind those that are being delivered: the order of the calls is the order of the effects.
            if (IsFrozen || _delivery == InMemoryDelivery.Manual || _operations.Count > 0)
            {
                var pending = new PendingOperation<TCommand, TAnswer>(command, fault, cancellationToken);
                _operations.Add(pending);
                return new ValueTask<TAnswer>(pending.Task);
            }

            if (fault == ScriptedFault.RequestLost)
            {
                return ValueTask.FromException<TAnswer>(Failure());
            }

            answer = _server.Apply<TCommand, TAnswer>(command);
        }

        if (command.Message is not null)
        {
            ExceptionDispatchInfo? thrown = null;
            _server.DeliverMessages(ref thrown);
            if (thrown is not null)
            {
                return ValueTask.FromException<TAnswer>(thrown.SourceException);
            }
        }

        return fault == ScriptedFault.None ? new ValueTask<TAnswer>(answer) : ValueTask.FromException<TAnswer>(Failure());
    }

    private void DeliverMessages()
    {
        ExceptionDispatchInfo? thrown = null;
        DeliverMessages(ref thrown);
        thrown?.Throw();
    }

    private void DeliverAll()
    {
        ExceptionDispatchInfo? thrown = null;
        DeliverMessages(ref thrown);
        while (true)
        {
            PendingOperation operation;
            lock (_server.Gate)
            {
                if (IsFrozen || _delivery == InMemoryDelivery.Manual || _operations.Count == 0)
                {
                    break;
                }

                operation = _operations[0];
                _operations.RemoveAt(0);
                if (!operation.IsAnswered)
                {
                    operation.Answer(_server);
                }
            }

            _server.DeliverMessages(ref thrown);
            operation.Complete();
        }

        thrown?.Throw();
    }

    private bool DeliverMessage(bool byScript)
    {
        Subscription subscription;
        byte[]? message;
        lock (_server.Gate)
        {
            // A subscriber hears one at a time: whoever delivers now goes on with the next.
            if (IsFrozen || _delivering || (!byScript && _delivery == InMemoryDelivery.Manual) || !_messages.TryDequeue(out message))
            {
                return false;
            }

            if (message is not null && _messagesToDrop > 0)
            {
                _messagesToDrop--;
                return true;
            }

            subscription = _subscription!;
            _delivering = true;
        }

        try
        {
            if (message is null)
            {
                subscription.Subscriber.OnInterrupted();
            }
            else
            {
                subscription.Subscriber.OnMessage(message);
            }
        }
        finally
        {
            lock (_server.Gate)
            {
                _delivering = false;
            }
        }

        return true;
    }
}
