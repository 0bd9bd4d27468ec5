using System.Threading.Tasks.Sources;

namespace Autom8.Redis.SharedCache;

/// <summary>One read that waits for its batch. Reused: but only when both its batch and its reader have let go of it.</summary>
internal sealed class PendingRead(ReadCoalescer owner) : IValueTaskSource<ReadOnlyMemory<byte>?>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<ReadOnlyMemory<byte>?> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private ReadOnlyMemory<byte>? _value;
    private int _answered;

    public string Name { get; private set; } = "";

    /// <summary>Whether nobody waits any more.</summary>
    public bool IsAbandoned => Volatile.Read(ref _answered) != 0;

    public void Begin(string name)
    {
        Name = name;
        _answered = 0;
        _core.Reset();
    }

    public ValueTask<ReadOnlyMemory<byte>?> Task => new(this, _core.Version);

    /// <summary>Lets the reader's token end the waiting. The batch goes on.</summary>
    public void Watch(CancellationToken token)
    {
        _token = token;
        _cancellation = token.UnsafeRegister(static read => ((PendingRead)read!).Abandon(), this);
    }

    /// <param name="value">What was read.</param>
    /// <param name="inline">Runs what waits for it here and now: for the last thing that a thread of the pool has to do.</param>
    public void Answer(ReadOnlyMemory<byte>? value, bool inline)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
        {
            return;
        }

        if (inline)
        {
            _core.RunContinuationsAsynchronously = false;
            _core.SetResult(value);
        }
        else
        {
            // The work is the read itself: nothing is made to be queued.
            _value = value;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    public void Fail(Exception error)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0)
        {
            _core.RunContinuationsAsynchronously = true;
            _core.SetException(error);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var value = _value;
        _value = null;
        _core.RunContinuationsAsynchronously = false;
        _core.SetResult(value);
    }

    ReadOnlyMemory<byte>? IValueTaskSource<ReadOnlyMemory<byte>?>.GetResult(short token)
    {
        var isUnwatched = _cancellation == default || _cancellation.Unregister();

        // Throws for one who was cancelled, whose batch still knows this object: it must not be used again.
        var value = _core.GetResult(token);
        if (isUnwatched)
        {
            _cancellation = default;
            _token = default;
            owner.TakeBack(this);
        }

        return value;
    }

    ValueTaskSourceStatus IValueTaskSource<ReadOnlyMemory<byte>?>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<ReadOnlyMemory<byte>?>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _core.OnCompleted(continuation, state, token, flags);

    private void Abandon()
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0)
        {
            _core.RunContinuationsAsynchronously = true;
            _core.SetException(new OperationCanceledException(_token));
        }
    }
}
