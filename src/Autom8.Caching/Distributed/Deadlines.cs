using Autom8.Caching.Loads;
using Autom8.Caching.Local;

namespace Autom8.Caching.Distributed;

/// <summary>
/// The deadlines of the calls that are under way, behind one timer: nearly all calls are answered long before, so none of them arms a timer of its own. Deadlines are about the same length,
/// so a queue in the order of the calls is one in the order of the deadlines, give or take what the adaptive deadline has moved meanwhile.
/// </summary>
internal sealed class Deadlines : IDisposable
{
    private readonly TimeProvider _time;
    private readonly LocalClock _clock;
    private readonly WorkQueue _work;
    private readonly Lock _gate = new();
    private readonly Queue<TimedCall> _calls = new();
    private ITimer? _timer;
    private bool _armed;
    private bool _disposed;

    public Deadlines(TimeProvider time, LocalClock clock, WorkQueue work)
    {
        _time = time;
        _clock = clock;
        _work = work;
    }

    public ValueTask<T> RunAsync<T>(ValueTask<T> call, TimeSpan timeout)
    {
        if (call.IsCompleted)
        {
            return call;
        }

        var timed = new TimedCall<T>(call, DueAt(timeout), _work);
        Watch(timed, timeout);
        return timed.Task;
    }

    public long DueAt(TimeSpan timeout) => _clock.Now + (long)timeout.TotalMilliseconds;

    /// <summary>Tells a call when its time is up, unless it has completed by then.</summary>
    public void Watch(TimedCall call, TimeSpan timeout)
    {
        if (call.IsCompleted)
        {
            return;
        }

        lock (_gate)
        {
            _calls.Enqueue(call);
            if (!_armed)
            {
                Arm(timeout);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Arm(TimeSpan after)
    {
        if (_disposed)
        {
            return;
        }

        _armed = true;
        _timer ??= _time.CreateTimer(
            static deadlines => ((Deadlines)deadlines!).Look(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _timer.Change(after < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : after, Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        List<TimedCall>? missed = null;
        lock (_gate)
        {
            _armed = false;
            while (_calls.TryPeek(out var call))
            {
                if (!call.IsCompleted)
                {
                    if (call.DueAt > _clock.Now)
                    {
                        Arm(TimeSpan.FromMilliseconds(call.DueAt - _clock.Now));
                        break;
                    }

                    (missed ??= []).Add(call);
                }

                _calls.Dequeue();
            }
        }

        foreach (var call in missed ?? [])
        {
            call.MissDeadline();
        }
    }
}
