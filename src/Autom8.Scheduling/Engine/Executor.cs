using Autom8.Scheduling.Storage;

namespace Autom8.Scheduling.Engine;

/// <summary>Runs jobs of its queues, so many at once: on the thread pool, or on threads of its own for work that computes or blocks. Thread-safe.</summary>
internal sealed class Executor : IDisposable
{
    private readonly PriorityQueue<ClaimedJob, (int Priority, DateTimeOffset Due, long Claim)> _queued = new();
    private readonly Func<ClaimedJob, Task> _runAsync;
    private readonly Action _hungry;
    private readonly TimeProvider _time;
    private readonly List<Thread> _threads = [];
    private readonly Dictionary<long, Thread?> _places = []; // of the runs under way, by claim; under _queued
    private int _running; // under _queued
    private int _stuck; // under _queued
    private int _lowWater; // under _queued
    private long _begun; // under _queued
    private long _countedAt;
    private long _countedBegun;
    private bool _disposed;

    public Executor(string name, ExecutorOptions options, Func<ClaimedJob, Task> runAsync, Action hungry, TimeProvider time)
    {
        Name = name;
        Queues = [.. options.Queues];
        MaxConcurrency = options.MaxConcurrency;
        HasThreads = options.DedicatedThreads;
        _runAsync = runAsync;
        _hungry = hungry;
        _time = time;
        _countedAt = time.GetTimestamp();
    }

    public string Name { get; }

    public string[] Queues { get; }

    public int MaxConcurrency { get; }

    public bool HasThreads { get; }

    /// <summary>How many jobs it begins in a quarter of a second, as it went of late: so many may wait here without having to wait long.</summary>
    public int Pace { get; private set; }

    public int Running
    {
        get
        {
            lock (_queued)
            {
                return _running;
            }
        }
    }

    public int Queued
    {
        get
        {
            lock (_queued)
            {
                return _queued.Count;
            }
        }
    }

    /// <summary>Takes a job that is due.</summary>
    public void Begin(ClaimedJob job)
    {
        lock (_queued)
        {
            _queued.Enqueue(job, (-(int)job.Priority, job.DueAt, job.Claim));
            if (_running >= MaxConcurrency)
            {
                return;
            }

            _running++;
            if (HasThreads)
            {
                if (_threads.Count < _running)
                {
                    StartThread();
                }

                Monitor.Pulse(_queued);
                return;
            }
        }

        _ = Task.Run(WorkAsync);
    }

    /// <summary>How many more it can use, and notes how fast it is.</summary>
    /// <param name="most">At most so many.</param>
    public int Room(int most)
    {
        lock (_queued)
        {
            var elapsed = _time.GetElapsedTime(_countedAt);
            if (elapsed >= TimeSpan.FromMilliseconds(20))
            {
                var pace = (int)Math.Min((_begun - _countedBegun) * 0.25 / elapsed.TotalSeconds, most);
                // Fast up, slow down: a pause between two batches is no reason to start small again.
                Pace = Math.Max(pace, Pace * 3 / 4);
                (_countedAt, _countedBegun) = (_time.GetTimestamp(), _begun);
            }

            _lowWater = Pace / 2;
            return Math.Max(MaxConcurrency - _running + Pace - _queued.Count, 0);
        }
    }

    /// <summary>What waits here beyond what will be begun soon; it is no longer waiting here.</summary>
    public List<ClaimedJob> Surplus(TimeSpan longest, DateTimeOffset now)
    {
        var surplus = new List<ClaimedJob>();
        lock (_queued)
        {
            if (_queued.Count > Pace && _queued.Peek().DueAt < now - longest)
            {
                var all = _queued.UnorderedItems.OrderBy(static i => i.Priority).ToList();
                surplus.AddRange(all.Skip(Pace).Select(static i => i.Element));
                _queued.Clear();
                _queued.EnqueueRange(all.Take(Pace));
            }
        }

        return surplus;
    }

    /// <summary>Takes out one that has not begun; null when it is not here.</summary>
    public ClaimedJob? Take(long claim)
    {
        lock (_queued)
        {
            var found = _queued.UnorderedItems.FirstOrDefault(i => i.Element.Claim == claim).Element;
            return found is not null && _queued.Remove(found, out _, out _) ? found : null;
        }
    }

    /// <summary>Gives the place of a run that does not end to another. There are at most as many such runs as places: a job that never ends must not fill the process.</summary>
    /// <returns>False when the run keeps its place.</returns>
    public bool Replace(long claim)
    {
        lock (_queued)
        {
            if (_stuck >= MaxConcurrency || !_places.Remove(claim, out var thread))
            {
                return false;
            }

            _stuck++;
            if (HasThreads)
            {
                _threads.Remove(thread!);
                StartThread();
                return true;
            }
        }

        _ = Task.Run(WorkAsync);
        return true;
    }

    /// <summary>Takes out all that have not begun.</summary>
    public List<ClaimedJob> Clear()
    {
        lock (_queued)
        {
            var jobs = _queued.UnorderedItems.Select(static i => i.Element).ToList();
            _queued.Clear();
            return jobs;
        }
    }

    public void Dispose()
    {
        lock (_queued)
        {
            _disposed = true;
            Monitor.PulseAll(_queued);
        }
    }

    private async Task WorkAsync()
    {
        while (Next() is { } job)
        {
            await _runAsync(job).ConfigureAwait(false);
            if (!Leave(job))
            {
                return;
            }
        }
    }

    private ClaimedJob? Next()
    {
        ClaimedJob? job;
        bool hungry;
        lock (_queued)
        {
            if (_queued.TryDequeue(out job, out _))
            {
                _begun++;
                _places.Add(job.Claim, HasThreads ? Thread.CurrentThread : null);
            }
            else
            {
                _running--;
            }

            hungry = _queued.Count <= _lowWater && (job is null || _queued.Count == _lowWater);
        }

        if (hungry)
        {
            _hungry();
        }

        return job;
    }

    /// <returns>False when the place is another's by now.</returns>
    private bool Leave(ClaimedJob job)
    {
        lock (_queued)
        {
            if (_places.Remove(job.Claim))
            {
                return true;
            }

            _stuck--;
            return false;
        }
    }

    private void StartThread()
    {
        var thread = new Thread(RunOnThread) { IsBackground = true, Name = $"Autom8.Scheduling {Name}" };
        _threads.Add(thread);
        thread.Start();
    }

    private void RunOnThread()
    {
        while (true)
        {
            while (Next() is { } job)
            {
                // The thread is the job's until it ends, also while it awaits.
                _runAsync(job).GetAwaiter().GetResult();
                if (!Leave(job))
                {
                    return;
                }
            }

            lock (_queued)
            {
                while (_queued.Count == 0)
                {
                    if (_disposed)
                    {
                        return;
                    }

                    Monitor.Wait(_queued);
                }
            }
        }
    }
}
