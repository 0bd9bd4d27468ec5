using Autom8.Scheduling.Storage;

namespace Autom8.Scheduling.Engine;

/// <summary>
/// Holds what was claimed ahead of its time, and hands each over when it is due: never early by the store's clock, whatever is uncertain about it, and as little late as the machine allows.
/// </summary>
/// <remarks>
/// On the system's time a thread of its own waits: timers of the thread pool tick in steps of several milliseconds on Linux. It waits on a condition until shortly before, and sleeps the rest. On any other
/// <see cref="TimeProvider"/> its timers are used. Thread-safe.
/// </remarks>
internal sealed class DueQueue : IDisposable
{
    // A wait on a condition may end this much late; sleeping shorter than it is precise to a tenth of a millisecond.
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(1.5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly PriorityQueue<ClaimedJob, (DateTimeOffset Due, int Priority)> _waiting = new();
    private readonly StoreClock _clock;
    private readonly Action<ClaimedJob> _begin;
    private readonly ITimer? _timer;
    private readonly bool _precise;
    private Thread? _thread; // started with the first job
    private bool _disposed;

    public DueQueue(StoreClock clock, TimeProvider time, Action<ClaimedJob> begin)
    {
        _clock = clock;
        _begin = begin;
        _precise = time == TimeProvider.System;
        if (!_precise)
        {
            _timer = time.CreateTimer(
                static queue => ((DueQueue)queue!).Release(),
                this,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan
            );
        }
    }

    public int Count
    {
        get
        {
            lock (_waiting)
            {
                return _waiting.Count;
            }
        }
    }

    public void Add(ClaimedJob job)
    {
        if (Remaining(job) <= TimeSpan.Zero)
        {
            _begin(job);
            return;
        }

        lock (_waiting)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _waiting.Enqueue(job, (job.DueAt, -(int)job.Priority));
            if (!_precise)
            {
                Arm();
            }
            else if (_thread is null)
            {
                _thread = new Thread(Run)
                {
                    IsBackground = true,
                    Name = "Autom8.Scheduling due",
                    Priority = ThreadPriority.AboveNormal,
                };
                _thread.Start();
            }
            else if (ReferenceEquals(_waiting.Peek(), job))
            {
                Monitor.Pulse(_waiting);
            }
        }
    }

    /// <summary>Takes one out again; null when it is not here, because it was handed over.</summary>
    public ClaimedJob? Take(long claim)
    {
        lock (_waiting)
        {
            var found = _waiting.UnorderedItems.FirstOrDefault(i => i.Element.Claim == claim).Element;
            return found is not null && _waiting.Remove(found, out _, out _) ? found : null;
        }
    }

    /// <summary>Takes all out.</summary>
    public List<ClaimedJob> Clear()
    {
        lock (_waiting)
        {
            var jobs = _waiting.UnorderedItems.Select(static item => item.Element).ToList();
            _waiting.Clear();
            return jobs;
        }
    }

    /// <summary>Hands over what is due.</summary>
    public void Release()
    {
        while (TakeDue() is { } job)
        {
            _begin(job);
        }

        if (!_precise)
        {
            lock (_waiting)
            {
                Arm();
            }
        }
    }

    public void Dispose()
    {
        lock (_waiting)
        {
            _disposed = true;
            Monitor.PulseAll(_waiting);
        }

        _timer?.Dispose();
        _thread?.Join();
    }

    private ClaimedJob? TakeDue()
    {
        lock (_waiting)
        {
            return _waiting.TryPeek(out var job, out _) && Remaining(job) <= TimeSpan.Zero ? _waiting.Dequeue() : null;
        }
    }

    private TimeSpan Remaining(ClaimedJob job) => job.DueAt - _clock.Earliest;

    private void Arm()
    {
        if (!_disposed && _waiting.TryPeek(out var job, out _))
        {
            var remaining = Remaining(job);
            _timer!.Change(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void Run()
    {
        while (true)
        {
            TimeSpan remaining;
            lock (_waiting)
            {
                if (_disposed)
                {
                    return;
                }

                remaining = _waiting.TryPeek(out var job, out _) ? Remaining(job) : LongestWait;
                if (remaining > Margin)
                {
                    Monitor.Wait(_waiting, remaining - Margin is var wait && wait < LongestWait ? wait : LongestWait);
                    continue;
                }
            }

            if (remaining > TimeSpan.Zero)
            {
                PreciseSleep.For(remaining);
            }

            Release();
        }
    }
}
