using System.Collections.Concurrent;
using System.Collections.Frozen;
using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Simulation;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Engine;

/// <summary>
/// This process as a node of the cluster: turns occurrences into jobs, claims what is due or nearly so, runs it at its time, and records how it went. It has no loop of its own:
/// <see cref="SchedulerService"/> calls it in time, and tests call it step by step.
/// </summary>
/// <remarks>
/// What keeps a job from being lost is its row, and the node's lease on it; what keeps it from being committed twice is its claim, which every write compares. Everything else here is about being quick.
/// </remarks>
internal sealed class SchedulerNode : IAsyncDisposable
{
    // A row that another node is deciding on is due and yet not for us: look again soon, but do not spin.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestQueued = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ClockInterval = TimeSpan.FromSeconds(0.5);
    private const int MaxPace = 2_000;
    private const int MaxClaim = 1_000;
    private const int MaxAhead = 256;
    private const int MaxSlots = 1_000;

    private readonly ISchedulerStore _store;
    private readonly JobCatalog _jobs;
    private readonly JobRunner _runner;
    private readonly AlertWatch _watch;
    private readonly SchedulingOptions _options;
    private readonly TimeProvider _time;
    private readonly WakeSignal _wake;
    private readonly SchedulingTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly SlotRules _rules;
    private readonly Func<long, double> _chance; // of a claim: what jitter there is
    private readonly Executor[] _executors;
    private readonly FrozenDictionary<string, Executor> _byQueue;
    private readonly DueQueue _due;
    private readonly CompletionBuffer _completions;
    private readonly ConcurrentDictionary<long, Run?> _held = new(); // null until it begins
    private readonly Lock _gate = new(); // that nothing is claimed while the node is given up
    private long _node; // 0 while not a member
    private long _beatAt;
    private long _clockAskedAt;
    private long _lookAt; // in ticks, when the tasks' next occurrences are to be looked at
    private long _announced = long.MaxValue; // in ticks, when the first occurrence is that was announced since the store was asked last
    private readonly ConcurrentQueue<ClaimedJob> _unreleased = new(); // that could not be given back
    private long _lastClaim; // the last one whose answer came
    private bool _mayHaveMissed; // an answer
    private volatile bool _mayBeMore; // that is due, and that there was no room for
    private volatile bool _stopping;
    private TaskCompletionSource<bool> _heard = Unheard();
    private int _active; // runs that have begun and are not over, nor given up
    private int _stuck; // runs that were given up and go on
    private TaskCompletionSource? _idle;

    public SchedulerNode(
        ISchedulerStore store,
        JobCatalog jobs,
        JobRunner runner,
        AlertWatch watch,
        IOptions<SchedulingOptions> options,
        TimeProvider time,
        WakeSignal wake,
        SchedulingTelemetry telemetry,
        SchedulingLogger logger
    )
    {
        _store = store;
        _jobs = jobs;
        _runner = runner;
        _watch = watch;
        _options = options.Value;
        _time = time;
        _wake = wake;
        _telemetry = telemetry;
        _logger = logger.Log;
        Clock = new StoreClock(time, isExact: time is NodeClock);
        _chance = time is NodeClock virtualTime ? virtualTime.Chance : static _ => Random.Shared.NextDouble();
        _rules = new(_options.MisfireThreshold, _options.ClaimAhead);
        _executors = [.. _options.AllExecutors().Select(e => new Executor(e.Key, e.Value, RunAsync, Hunger, time))];
        _byQueue = _executors
            .SelectMany(static e => e.Queues.Select(q => (q, e)))
            .ToFrozenDictionary(static x => x.q, static x => x.e, StringComparer.Ordinal);
        _due = new DueQueue(Clock, time, Begin);
        _completions = new CompletionBuffer(store, watch, Recorded, time, _logger);
        telemetry.Observe(this);
    }

    public StoreClock Clock { get; }

    /// <summary>How many runs are under way here.</summary>
    public int Running => Volatile.Read(ref _active);

    /// <summary>How many runs were told to stop, were given up since they did not, and still go on.</summary>
    public int Stuck => Volatile.Read(ref _stuck);

    /// <summary>Whether a death is noticed by the lease alone, and what others change by looking.</summary>
    public bool ReliesOnLease => _store.ReliesOnLease;

    public IReadOnlyList<Executor> Executors => _executors;

    /// <summary>Whether the node is a member of the cluster at the moment.</summary>
    public bool IsMember => Volatile.Read(ref _node) != 0;

    /// <summary>Whether nothing more happens by itself: of what has begun just so many runs are under way, and all else is recorded.</summary>
    /// <param name="running">How many runs wait for something.</param>
    public bool IsSettled(int running)
    {
        var begun = 0;
        foreach (var executor in _executors)
        {
            begun += executor.Running;
        }

        return begun == running && _completions.Pending == 0;
    }

    /// <summary>When the store was last heard of.</summary>
    public TimeSpan SinceBeat => _time.GetElapsedTime(Volatile.Read(ref _beatAt));

    /// <summary>Whether the store was not heard of for so long that others may have what this node had.</summary>
    private bool IsLeaseOver => SinceBeat >= _options.LeaseDuration;

    private DateTimeOffset LookAt
    {
        get => new(Volatile.Read(ref _lookAt), TimeSpan.Zero);
        set => Volatile.Write(ref _lookAt, value.UtcTicks);
    }

    /// <summary>Has the next call of <see cref="PumpAsync"/> look at the tasks' next occurrences.</summary>
    public void LookAtSlots() => LookAt = DateTimeOffset.MinValue;

    /// <summary>An occurrence of a task has come into being: the engine is woken if it would not look in time by itself.</summary>
    public void Announce(DateTimeOffset occurrence)
    {
        // Noted before it is compared, as the engine sets its time before it looks at the note: one of the two sees the other.
        var near = (occurrence - _options.ClaimAhead).UtcTicks;
        var first = Volatile.Read(ref _announced);
        while (near < first && Interlocked.CompareExchange(ref _announced, near, first) is var other && other != first)
        {
            first = other;
        }

        Interlocked.MemoryBarrier();
        if (near < LookAt.UtcTicks)
        {
            LookAtSlots();
            _wake.Set();
        }
    }

    /// <summary>Begins what is due and that there is room for, or sets it ready for its time.</summary>
    /// <returns>How long there is nothing to do, unless the signal wakes sooner.</returns>
    public async ValueTask<TimeSpan> PumpAsync()
    {
        if (IsMember && IsLeaseOver)
        {
            // What is claimed under a lease that is over is another's the next moment.
            await BeatAsync(CancellationToken.None).ConfigureAwait(false);
        }

        if (!IsMember)
        {
            await JoinAsync().ConfigureAwait(false);
        }

        while (true)
        {
            var steps = 0;
            if (Clock.UtcNow >= LookAt)
            {
                // Occurrences may be near that nobody can decide on yet: when the task's run ends here this process looks at once, others look again.
                LookAt = Clock.UtcNow + (_options.PollInterval / 4);
                steps = await MaterializeAsync().ConfigureAwait(false);
            }

            Volatile.Write(ref _announced, long.MaxValue);
            var (wait, isFull, slot) = await ClaimAsync(asksNext: steps == 0).ConfigureAwait(false);
            if (steps == 0 && slot - _options.ClaimAhead is { } near && near > Clock.UtcNow)
            {
                LookAt = near;
                Interlocked.MemoryBarrier();
                if (Volatile.Read(ref _announced) is var announced && announced < near.UtcTicks)
                {
                    LookAt = new(announced, TimeSpan.Zero);
                }
            }

            if (steps == MaxSlots)
            {
                LookAt = DateTimeOffset.MinValue;
            }

            if (!isFull && steps == 0)
            {
                var look = LookAt - Clock.UtcNow;
                wait = look < wait ? look : wait;
                return wait < ShortestWait ? ShortestWait : wait;
            }
        }
    }

    /// <summary>Says that this node lives, and hears what it is told. Where others have taken it for dead, everything it has is given up.</summary>
    public async ValueTask BeatAsync(CancellationToken cancellationToken)
    {
        var node = Volatile.Read(ref _node);
        if (node == 0)
        {
            return;
        }

        await ReportProgressAsync(node, cancellationToken).ConfigureAwait(false);
        var asked = _time.GetTimestamp();
        HeartbeatResult beat;
        try
        {
            beat = await _store.BeatAsync(node, _options.LeaseDuration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (IsLeaseOver)
            {
                GiveUp(node);
            }

            throw;
        }

        if (!beat.IsAlive)
        {
            GiveUp(node);
            return;
        }

        Volatile.Write(ref _beatAt, asked);
        Heard(isAlive: true);
        foreach (var claim in beat.Cancelled)
        {
            Cancel(claim);
        }

        await AskClockAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks for dead nodes and takes back what they had.</summary>
    public async ValueTask RescueAsync(CancellationToken cancellationToken)
    {
        var result = await _store
            .RescueAsync(new(_options.MaxAttempts, _jobs.AtMostOnce, Volatile.Read(ref _node)), cancellationToken)
            .ConfigureAwait(false);
        foreach (var name in result.Nodes)
        {
            SchedulingLog.NodeDied(_logger, name);
        }

        foreach (var job in result.Jobs)
        {
            SchedulingLog.Abandoned(
                _logger,
                job.TaskName ?? job.Job,
                job.Id,
                job.Then switch
                {
                    AfterRescue.RunsAgain => "run again",
                    AfterRescue.Cancelled => "cancelled, as was asked for",
                    _ => "not run again",
                }
            );
            _telemetry.Recorded(job.Job, ExecutionStatus.Abandoned);
        }

        if (result.Jobs.Count > 0)
        {
            _wake.Set();
        }
    }

    /// <summary>Looks at what should have happened and did not.</summary>
    public async ValueTask WatchAsync(CancellationToken cancellationToken)
    {
        if (_watch.IsOn)
        {
            var alerts = new List<SchedulerAlert>();
            await _store
                .WatchAsync((task, now, waiting) => _watch.Look(task, now, waiting, alerts), cancellationToken)
                .ConfigureAwait(false);
            _watch.Publish(alerts);
        }
    }

    /// <summary>Stops claiming and gives back what has not begun. Waits for what runs, up to the grace; then tells it to stop, and waits until the outcomes are recorded.</summary>
    public async Task DrainAsync()
    {
        List<ClaimedJob> unbegun;
        lock (_gate)
        {
            _stopping = true;
            unbegun = [.. _due.Clear(), .. _executors.SelectMany(static e => e.Clear())];
        }

        Heard(isAlive: true);
        await ReleaseAsync(unbegun).ConfigureAwait(false);
        var all = WhenIdleAsync();
        using var over = new CancellationTokenSource();
        await Task.WhenAny(all, Task.Delay(_options.ShutdownGrace, _time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        foreach (var run in _held.Values)
        {
            run?.End(RunEnd.Stopping);
        }

        await all.ConfigureAwait(false);
        if (Interlocked.Exchange(ref _node, 0) is var node and not 0)
        {
            try
            {
                await _store.LeaveAsync(node, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // Its lease ends by itself.
                SchedulingLog.StoreFailed(_logger, error, "leave", 1, TimeSpan.Zero);
            }
        }
    }

    /// <summary>Ends when everything that has begun has ended and was recorded.</summary>
    public async Task WhenIdleAsync()
    {
        var idle = Interlocked.CompareExchange(ref _idle, new(TaskCreationOptions.RunContinuationsAsynchronously), null) ?? _idle!;
        if (Running == 0 && Interlocked.CompareExchange(ref _idle, null, idle) == idle)
        {
            idle.TrySetResult();
        }

        await idle.Task.ConfigureAwait(false);
        await _completions.WhenEmptyAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _due.Dispose();
        foreach (var executor in _executors)
        {
            executor.Dispose();
        }

        await _completions.CloseAsync().ConfigureAwait(false);
    }

    private async ValueTask JoinAsync()
    {
        var asked = _time.GetTimestamp();
        var node = await _store.JoinAsync(_options.Node, _options.LeaseDuration, CancellationToken.None).ConfigureAwait(false);
        Volatile.Write(ref _beatAt, asked);
        Volatile.Write(ref _node, node);
        Heard(isAlive: true);
        // The best of a few: the first answer of a new connection takes long.
        for (var i = 0; i < 5; i++)
        {
            await AskClockAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async ValueTask AskClockAsync(CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        Volatile.Write(ref _clockAskedAt, asked);
        Clock.Observe(asked, await _store.GetUtcNowAsync(cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<(TimeSpan Wait, bool IsFull, DateTimeOffset? NextSlot)> ClaimAsync(bool asksNext)
    {
        _mayBeMore = true;
        var shares = new List<ClaimShare>(_executors.Length);
        foreach (var executor in _executors)
        {
            if (executor.Surplus(LongestQueued, Clock.UtcNow) is { Count: > 0 } surplus)
            {
                await ReleaseAsync(surplus).ConfigureAwait(false);
            }

            // Who has no room says so when there is some again.
            if (executor.Room(MaxPace) is var room and > 0)
            {
                var ahead = executor.Queued == 0 ? Math.Max(MaxAhead - _due.Count, 0) : 0;
                shares.Add(new(executor.Queues, Math.Min(room + ahead, MaxClaim)));
            }
        }

        var request = new ClaimRequest(Volatile.Read(ref _node), shares, _jobs.Names, _options.ClaimAhead) { AsksNext = asksNext };
        await GiveBackAsync(request.Node).ConfigureAwait(false);
        var asked = _time.GetTimestamp();
        _mayHaveMissed = true;
        // Not cancellable: a claim that was committed and not begun would wait for its lease to end.
        var result = await _store.ClaimAsync(request, CancellationToken.None).ConfigureAwait(false);
        _mayHaveMissed = false;
        foreach (var job in result.Jobs)
        {
            _lastClaim = Math.Max(_lastClaim, job.Claim);
        }

        Clock.Observe(asked, result.Now);
        Take(result.Jobs, request.Node);
        var isFull = request.IsFilledBy(result.Jobs);
        _mayBeMore = isFull || shares.Count < _executors.Length;
        if (_due.Count > 0 && _time.GetElapsedTime(Volatile.Read(ref _clockAskedAt)) >= ClockInterval)
        {
            // What waits begins as late as the clock is uncertain: a claim's answer takes its way through the commit, this one is quick.
            await AskClockAsync(CancellationToken.None).ConfigureAwait(false);
        }

        var wait = result.NextJob - result.Now - _options.ClaimAhead;
        return (wait < _options.PollInterval ? wait.Value : _options.PollInterval, isFull, result.NextSlot);
    }

    /// <summary>What could not be given back, and what was claimed by a call whose answer was lost: as long as this node lives nobody else would look after it.</summary>
    private async ValueTask GiveBackAsync(long node)
    {
        if (!_unreleased.IsEmpty)
        {
            var jobs = new List<ClaimedJob>();
            while (_unreleased.TryDequeue(out var job))
            {
                jobs.Add(job);
            }

            await ReleaseAsync(jobs).ConfigureAwait(false);
        }

        if (_mayHaveMissed)
        {
            await _store.ReleaseAfterAsync(node, _lastClaim, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Hunger()
    {
        if (_mayBeMore)
        {
            _wake.Set();
        }
    }

    private void Take(IReadOnlyList<ClaimedJob> jobs, long node)
    {
        lock (_gate)
        {
            if (!_stopping && node == _node)
            {
                foreach (var job in jobs)
                {
                    _held[job.Claim] = null;
                }

                foreach (var job in jobs)
                {
                    _due.Add(job);
                }

                return;
            }
        }

        // Claimed while the node was being given up, or drained.
        if (jobs.Count > 0)
        {
            _ = ReleaseAsync(jobs);
        }
    }

    private async ValueTask<int> MaterializeAsync()
    {
        var request = new SlotRequest(_jobs.Names, _options.ClaimAhead, MaxSlots, _options.Node, _rules.Decide, MakeJob);
        var steps = await _store.MaterializeAsync(request, CancellationToken.None).ConfigureAwait(false);
        foreach (var step in steps)
        {
            _telemetry.Decided(step);
            switch (step.Kind)
            {
                case SlotKind.Replace:
                    _wake.SetUrgent(); // what is replaced may run here
                    break;
                case SlotKind.Fault:
                    SchedulingLog.Faulted(_logger, step.Task.Name);
                    break;
                case SlotKind.SkipMisfire:
                    SchedulingLog.Skipped(_logger, step.Task.Name, "missed");
                    break;
                case SlotKind.SkipOverlap:
                    SchedulingLog.Skipped(_logger, step.Task.Name, "still running");
                    break;
            }
        }

        return steps.Count;
    }

    private NewJob MakeJob(ScheduledTask task, DateTimeOffset slot) => TaskJobs.Make(task, slot, _jobs.Find(task.Job)?.Options, slot);

    private void Begin(ClaimedJob job)
    {
        if (_byQueue.TryGetValue(job.Queue, out var executor))
        {
            executor.Begin(job);
        }
    }

    private async Task RunAsync(ClaimedJob job)
    {
        if (_jobs.Find(job.Job) is not { } registration)
        {
            return;
        }

        if (!await MayBeginAsync().ConfigureAwait(false))
        {
            await ReleaseAsync([job]).ConfigureAwait(false);
            return;
        }

        using var run = new Run(job, registration, _store, Clock, _time, _options.Node, _chance, _logger, (_options.StuckAfter, GiveUp));
        bool begins;
        lock (_gate)
        {
            begins = !_stopping;
            // Given up, or cancelled, between being handed over and now.
            if (begins && !_held.TryUpdate(job.Claim, run, null))
            {
                return;
            }

            if (begins)
            {
                Interlocked.Increment(ref _active);
            }
        }

        if (!begins)
        {
            // Taken out of its queue just before the queues were emptied: nobody would wait for it.
            await ReleaseAsync([job]).ConfigureAwait(false);
            return;
        }

        var outcome = await _runner.RunAsync(run).ConfigureAwait(false);
        if (_held.TryRemove(job.Claim, out _))
        {
            IsOver(run, outcome);
        }
        else
        {
            Interlocked.Decrement(ref _stuck);
        }
    }

    /// <summary>Whether what this node has is still its own. A process that was frozen, or cut off, for longer than its lease asks before it goes on.</summary>
    private async ValueTask<bool> MayBeginAsync()
    {
        while (IsLeaseOver && !_stopping)
        {
            var heard = Volatile.Read(ref _heard).Task;
            // Looked at again: it may have been heard of before that was read.
            if (IsLeaseOver && !_stopping)
            {
                _wake.Set();
                if (!await heard.ConfigureAwait(false))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Tells what waits to begin.</summary>
    private void Heard(bool isAlive) => Interlocked.Exchange(ref _heard, Unheard()).TrySetResult(isAlive);

    private static TaskCompletionSource<bool> Unheard() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A run was told to stop and does not: it is recorded as if it had, its place is given to another, and what it still reports is refused.</summary>
    private void GiveUp(Run run)
    {
        // Whoever takes it out ends it: it may end by itself at this moment.
        if (!_held.TryRemove(run.Job.Claim, out _))
        {
            return;
        }

        run.IsStuck = true;
        Interlocked.Increment(ref _stuck);
        var isReplaced = _byQueue.TryGetValue(run.Job.Queue, out var executor) && executor.Replace(run.Job.Claim);
        SchedulingLog.Stuck(_logger, run.Job.Name, run.Job.Claim, _options.StuckAfter, isReplaced ? "given to another" : "kept by it");
        IsOver(run, run.IsCompleted ? run.Succeeded() : run.Stuck());
    }

    private void IsOver(Run run, JobOutcome outcome)
    {
        if (run.IsCompleted)
        {
            Recorded(outcome, true);
        }
        else
        {
            _completions.Add(outcome);
        }

        if (Interlocked.Decrement(ref _active) == 0 && Interlocked.Exchange(ref _idle, null) is { } idle)
        {
            idle.TrySetResult();
        }
    }

    private void Recorded(JobOutcome outcome, bool isRecorded)
    {
        var duration = outcome.CompletedAt - outcome.StartedAt;
        var job = outcome.Job;
        if (!isRecorded)
        {
            SchedulingLog.Fenced(_logger, job.Name, job.Claim);
            return;
        }

        _telemetry.Recorded(job.Job, outcome.Status);
        switch (outcome.Status)
        {
            case ExecutionStatus.Succeeded:
                SchedulingLog.Succeeded(_logger, job.Name, job.Claim, duration);
                break;
            case ExecutionStatus.Failed:
                var name = outcome.Error!.IndexOf(':', StringComparison.Ordinal) is var end and > 0 ? outcome.Error[..end] : outcome.Error;
                SchedulingLog.Failed(_logger, job.Name, job.Claim, duration, name, outcome.Then.ToString());
                if (outcome.Then == JobDisposition.Bury)
                {
                    _watch.Buried(outcome);
                }

                break;
            case ExecutionStatus.Interrupted:
                SchedulingLog.Interrupted(_logger, job.Name, job.Claim, duration);
                break;
        }

        // The next occurrence of the task may have waited for this; so may what is to be run again soon.
        if (job.TaskId is not null || outcome.Then is JobDisposition.Retry or JobDisposition.Again)
        {
            LookAtSlots();
            _wake.Set();
        }
    }

    private void Cancel(long claim)
    {
        if (!_held.TryGetValue(claim, out var run))
        {
            return;
        }

        if (run is not null)
        {
            run.End(RunEnd.Cancelled);
            return;
        }

        ClaimedJob? job = _due.Take(claim) ?? _executors.Select(e => e.Take(claim)).FirstOrDefault(static j => j is not null);
        if (job is not null && _held.TryRemove(claim, out _))
        {
            var now = Clock.UtcNow;
            _completions.Add(new(job, ExecutionStatus.Cancelled, JobDisposition.Finish, now, now, _options.Node));
        }
    }

    /// <summary>Others have what this node had, or will: nothing of it may begin, and what runs is told to stop. What it still reports is refused.</summary>
    private void GiveUp(long node)
    {
        List<ClaimedJob> unbegun;
        lock (_gate)
        {
            if (_node != node)
            {
                return;
            }

            _node = 0;
            unbegun = [.. _due.Clear(), .. _executors.SelectMany(static e => e.Clear())];

            foreach (var (claim, run) in _held)
            {
                run?.End(RunEnd.Lost);
                if (run is null)
                {
                    _held.TryRemove(claim, out _);
                }
            }
        }

        Heard(isAlive: false);
        SchedulingLog.GivenUp(_logger, _options.Node);
        // What was claimed after the others had looked at it is nobody's: they do not know of it.
        _ = ReleaseAsync(unbegun);
        _wake.Set();
    }

    private async Task ReleaseAsync(IReadOnlyList<ClaimedJob> jobs)
    {
        foreach (var job in jobs)
        {
            _held.TryRemove(job.Claim, out _);
        }

        if (jobs.Count == 0)
        {
            return;
        }

        try
        {
            await _store.ReleaseAsync(jobs, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // They are given back with the next claim, when this node leaves, or when its lease ends.
            foreach (var job in jobs)
            {
                _unreleased.Enqueue(job);
            }

            SchedulingLog.StoreFailed(_logger, error, "give back jobs", 1, TimeSpan.Zero);
        }
    }

    private async ValueTask ReportProgressAsync(long node, CancellationToken cancellationToken)
    {
        List<(long, JobProgress)>? changed = null;
        foreach (var run in _held.Values)
        {
            if (run?.TakeProgress() is { } progress)
            {
                (changed ??= []).Add((run.Job.Claim, progress));
            }
        }

        if (changed is not null)
        {
            await _store.ReportAsync(node, changed, cancellationToken).ConfigureAwait(false);
        }
    }
}
