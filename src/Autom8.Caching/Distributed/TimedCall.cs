using System.Threading.Tasks.Sources;
using Autom8.Caching.Loads;

namespace Autom8.Caching.Distributed;

/// <summary>One call that is waited for until its deadline. The call itself goes on: nobody can take back what was sent.</summary>
internal abstract class TimedCall(long dueAt)
{
    public long DueAt { get; } = dueAt;

    public abstract bool IsCompleted { get; }

    public abstract void MissDeadline();
}

/// <summary>A call that answers with a <typeparamref name="T"/>.</summary>
internal sealed class TimedCall<T> : TimedCall, IValueTaskSource<T>
{
    private readonly System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter _inner;
    private readonly WorkQueue _work;
    private ManualResetValueTaskSourceCore<T> _source;
    private int _completed;

    public TimedCall(ValueTask<T> call, long dueAt, WorkQueue work)
        : base(dueAt)
    {
        _work = work;
        _inner = call.ConfigureAwait(false).GetAwaiter();
        _inner.UnsafeOnCompleted(Answered);
    }

    public ValueTask<T> Task => new(this, _source.Version);

    public override bool IsCompleted => Volatile.Read(ref _completed) != 0;

    public override void MissDeadline()
    {
        if (Interlocked.Exchange(ref _completed, 1) == 0)
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
        T answer;
        try
        {
            answer = _inner.GetResult();
        }
        catch (Exception exception)
        {
            if (Interlocked.Exchange(ref _completed, 1) == 0)
            {
                _source.SetException(exception);
            }

            return;
        }

        if (Interlocked.Exchange(ref _completed, 1) == 0)
        {
            _source.SetResult(answer);
        }
    }
}
