using Autom8.Caching.Loads;
using Autom8.Caching.Local;

namespace Autom8.Caching.Distributed;

/// <summary>
/// The deadlines of the calls that are under way, behind one timer: nearly all calls are answered long before, so none of them arms a timer of its own. Deadlines are about the same length,
/// so a list in the order of the calls is one in the order of the deadlines, give or take what the adaptive deadline has moved meanwhile. A call leaves it when it completes: what was read must not be kept
/// alive until its deadline has passed.
/// </summary>
internal sealed class Deadlines : IDisposable
{
    private readonly TimeProvider _time;
    private readonly LocalClock _clock;
    private readonly WorkQueue _work;
    private readonly Lock _gate = new();
    private TimedCall? _first;
    private TimedCall? _last;
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

        var timed = new TimedCall<T>(this, DueAt(timeout), _work);
        Watch(timed, timeout);
        return timed.Await(call);
    }

    public long DueAt(TimeSpan timeout) => _clock.Now + (long)timeout.TotalMilliseconds;

    /// <summary>Tells a call when its time is up, unless it is forgotten before.</summary>
    public void Watch(TimedCall call, TimeSpan timeout)
    {
        lock (_gate)
        {
            Link(call);
            if (!_armed)
            {
                Arm(timeout);
            }
        }
    }

    /// <summary>Lets go of a call that has completed.</summary>
    public void Forget(TimedCall call)
    {
        lock (_gate)
        {
            Unlink(call);
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
        List<(TimedCall Call, int Turn)>? missed = null;
        lock (_gate)
        {
            _armed = false;
            while (_first is { } call)
            {
                if (call.DueAt > _clock.Now)
                {
                    Arm(TimeSpan.FromMilliseconds(call.DueAt - _clock.Now));
                    break;
                }

                (missed ??= []).Add((call, call.Turn));
                Unlink(call);
            }
        }

        foreach (var (call, turn) in missed ?? [])
        {
            call.MissDeadline(turn);
        }
    }

    private void Link(TimedCall call)
    {
        call.Previous = _last;
        if (_last is null)
        {
            _first = call;
        }
        else
        {
            _last.Next = call;
        }

        _last = call;
    }

    /// <summary>Does nothing for a call that is not in the list.</summary>
    private void Unlink(TimedCall call)
    {
        if (call.Previous is { } previous)
        {
            previous.Next = call.Next;
        }
        else if (_first == call)
        {
            _first = call.Next;
        }

        if (call.Next is { } next)
        {
            next.Previous = call.Previous;
        }
        else if (_last == call)
        {
            _last = call.Previous;
        }

        call.Previous = call.Next = null;
    }
}
