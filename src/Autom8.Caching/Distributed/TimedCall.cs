using System.Threading.Tasks.Sources;
using Autom8.Caching.Loads;

namespace Autom8.Caching.Distributed;

/// <summary>One call that is waited for until its deadline. The call itself goes on: nobody can take back what was sent.</summary>
internal abstract class TimedCall
{
    private int _turn;

    public long DueAt { get; protected set; }

    /// <summary>Which call this is, for an object that may be used for several: a deadline missed by an earlier one is none of a later one's.</summary>
    public int Turn => Volatile.Read(ref _turn) & ~1;

    /// <summary>Its neighbours in the list of those under way, whose lock guards them.</summary>
    public TimedCall? Previous { get; set; }

    public TimedCall? Next { get; set; }

    /// <summary>The time of that turn is up.</summary>
    public abstract void MissDeadline(int turn);

    /// <summary>Whether it is this thread that says how the call has ended.</summary>
    protected bool TryComplete(int turn) => Interlocked.CompareExchange(ref _turn, turn | 1, turn) == turn;

    /// <summary>Ready for the next call.</summary>
    protected void BeginTurn() => Volatile.Write(ref _turn, (_turn | 1) + 1);
}

/// <summary>A call that answers with a <typeparamref name="T"/>.</summary>
internal sealed class TimedCall<T> : TimedCall, IValueTaskSource<T>
{
    private readonly Deadlines _deadlines;
    private readonly WorkQueue _work;
    private System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter _inner;
    private ManualResetValueTaskSourceCore<T> _source;

    public TimedCall(Deadlines deadlines, long dueAt, WorkQueue work)
    {
        DueAt = dueAt;
        _deadlines = deadlines;
        _work = work;
    }

    /// <summary>Once, when the deadline is watched.</summary>
    public ValueTask<T> Await(ValueTask<T> call)
    {
        _inner = call.ConfigureAwait(false).GetAwaiter();
        _inner.UnsafeOnCompleted(Answered);
        return new(this, _source.Version);
    }

    public override void MissDeadline(int turn)
    {
        if (TryComplete(turn))
        {
            // On its own: whoever waits goes on to load, and others wait for this thread.
            _work.Run(static call => ((TimedCall<T>)call!)._source.SetException(new TimeoutException()), this);
        }
    }

    public T GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Answered()
    {
        _deadlines.Forget(this);
        T answer;
        try
        {
            answer = _inner.GetResult();
        }
        catch (Exception exception)
        {
            if (TryComplete(Turn))
            {
                _source.SetException(exception);
            }

            return;
        }

        if (TryComplete(Turn))
        {
            _source.SetResult(answer);
        }
    }
}
