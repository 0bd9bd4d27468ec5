using System.Diagnostics;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage.Memory;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Simulation;

/// <summary>
/// Runs an application's own registrations on virtual time, with several nodes on one store in memory: a year of a schedule, a crash in the middle of a run, a clock that jumps, in milliseconds and without a
/// database.
/// </summary>
/// <remarks>
/// <para>Time goes from event to event: at each, the nodes begin what is due, jobs run until they end or wait for virtual time, and only then time goes on. A job waits for virtual time when it has a timer or a
/// delay on the <see cref="TimeProvider"/> of its services and none of its code is running; whatever else it waits for has to come in real time, within <see cref="SimulationOptions.Patience"/>.</para>
/// <para>Each node has services of its own, made by the same registrations; <see cref="TimeProvider"/> and the store are replaced, whatever was chosen. Hosted services are not started, which includes the delivery of
/// alerts, and an <see cref="ITaskChangeSink"/> hears of nothing: there are no transactions. For use by one thread at a time.</para>
/// </remarks>
public sealed class SchedulerSimulator : IAsyncDisposable
{
    // Whoever makes so many rounds without time going on makes as many as you like.
    private const int MaxRounds = 100_000;
    private const int MaxNodes = 100;

    private readonly Action<IServiceCollection> _configure;
    private readonly SimulationOptions _options;
    private readonly VirtualClock _clock;
    private readonly MemorySchedulerStore _store;
    private readonly SimulatedNode[] _nodes;
    private readonly List<SimulatedNode> _crashed = [];
    private readonly List<DateTimeOffset> _leaseEnds = []; // of nodes that are not heard of
    private readonly List<TaskExecution> _executions = [];
    private readonly CancellationTokenSource _ending = new();
    private volatile bool _isUrgent;
    private readonly Random _random;

    /// <summary>Starts the nodes.</summary>
    /// <param name="configure">The application's registrations, called for each node, and again when it restarts.</param>
    /// <param name="options">When to begin and with how many nodes.</param>
    public SchedulerSimulator(Action<IServiceCollection> configure, SimulationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _configure = configure;
        _options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Nodes, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.Nodes, MaxNodes, nameof(options));
        _random = new Random(_options.Seed);
        _clock = new VirtualClock(_options.Start);
        _store = new MemorySchedulerStore(_clock) { Recorded = Add };
        _ = _store.ListenAsync(
            urgent =>
            {
                if (urgent)
                {
                    _isUrgent = true;
                }
            },
            _ending.Token
        );
        _nodes = new SimulatedNode[_options.Nodes];
        for (var i = 0; i < _nodes.Length; i++)
        {
            _nodes[i] = Start(i);
        }
    }

    /// <summary>The simulation's time, which is the store's.</summary>
    public DateTimeOffset Now => _clock.Now;

    /// <summary>The nodes, by their numbers.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>The services of the first node that runs.</summary>
    public IServiceProvider Services => FirstLive.Services;

    /// <summary>The scheduler of the first node that runs.</summary>
    public IScheduler Scheduler => FirstLive.Scheduler;

    /// <summary>The job queue of the first node that runs.</summary>
    public IJobQueue Jobs => FirstLive.Jobs;

    /// <summary>Every run that has ended, however it did, in the order of the ends.</summary>
    public IReadOnlyList<TaskExecution> Executions
    {
        get
        {
            lock (_executions)
            {
                return [.. _executions.OrderBy(static e => e.CompletedAt).ThenBy(static e => e.Id)];
            }
        }
    }

    private SimulatedNode FirstLive =>
        Array.Find(_nodes, static n => n.IsLive) ?? throw new InvalidOperationException("No node is running. Restart or thaw one.");

    /// <summary>Lets time pass: whatever is due up to its end is run, what is due at its end included.</summary>
    /// <param name="time">How much; zero for what is due now.</param>
    /// <exception cref="SimulationException">A job waits for something other than virtual time, or time cannot go on.</exception>
    public Task AdvanceAsync(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return AdvanceToAsync(Now + time);
    }

    /// <summary>Lets time pass until an instant.</summary>
    /// <exception cref="SimulationException">A job waits for something other than virtual time, or time cannot go on.</exception>
    public Task AdvanceToAsync(DateTimeOffset until)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(until, Now);
        return Task.Run(() => RunAsync(until));
    }

    /// <summary>Ends a node as a power failure would: nothing is given back, no outcome is written. What it had is run elsewhere when its lease is over.</summary>
    public void Crash(int node)
    {
        var crashed = Running(node);
        // Had time not jumped from event to event, its last heartbeat would have been of late.
        BeatLast(crashed);
        crashed.Crash();
    }

    /// <summary>Starts a node that has crashed, as a new process.</summary>
    public void Restart(int node)
    {
        if (_nodes[node].IsRunning)
        {
            throw new InvalidOperationException($"{_nodes[node].Name} is running. Crash it first.");
        }

        _crashed.Add(_nodes[node]);
        _nodes[node] = Start(node);
    }

    /// <summary>Has a node stand still, as a machine does that is suspended: its timers do not fire, and its lease ends.</summary>
    public void Freeze(int node)
    {
        var frozen = Running(node);
        if (!frozen.IsFrozen)
        {
            BeatLast(frozen);
            frozen.Freeze();
        }
    }

    /// <summary>Has a frozen node go on. It does not know that time has passed.</summary>
    public void Thaw(int node)
    {
        if (Running(node) is { IsFrozen: true } frozen)
        {
            frozen.Thaw();
        }
    }

    /// <summary>Sets a node's wall clock forward or back. What is due is decided by the store's.</summary>
    public void JumpClock(int node, TimeSpan by) => Running(node).Clock.Offset += by;

    /// <summary>Ends the nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        _ending.Dispose();
        foreach (var node in _nodes.Concat(_crashed))
        {
            await node.EndAsync().ConfigureAwait(false);
        }
    }

    private void Add(TaskExecution execution)
    {
        lock (_executions)
        {
            _executions.Add(execution);
        }
    }

    private SimulatedNode Start(int index)
    {
        var node = new SimulatedNode(index, _configure, _store, _clock, _options.Seed);
        // The store in memory answers at once.
        node.DeclareAsync().AsTask().GetAwaiter().GetResult();
        return node;
    }

    private SimulatedNode Running(int node) =>
        _nodes[node] is { IsRunning: true } running ? running : throw new InvalidOperationException($"{_nodes[node].Name} has crashed.");

    private void BeatLast(SimulatedNode node)
    {
        node.BeatAsync(Now).AsTask().GetAwaiter().GetResult();
        _leaseEnds.Add(Now + node.Lease + TimeSpan.FromMicroseconds(1));
    }

    private async Task RunAsync(DateTimeOffset until)
    {
        Array.ForEach(_nodes, static n => n.LookAgain());
        while (true)
        {
            await SettleAsync().ConfigureAwait(false);
            if (NextEvent() is not { } next || next > until)
            {
                break;
            }

            _clock.Now = next;
        }

        if (Now < until)
        {
            _clock.Now = until;
            await SettleAsync().ConfigureAwait(false);
        }
    }

    private DateTimeOffset? NextEvent()
    {
        DateTimeOffset? next = null;
        foreach (var node in _nodes)
        {
            if (node.IsLive)
            {
                Consider(node.NextPump);
                Consider(node.Clock.NextTimer);
            }
        }

        if (next is not null)
        {
            _leaseEnds.ForEach(end => Consider(end));
        }

        return next;

        void Consider(DateTimeOffset? at) => next = at > Now && !(at >= next) ? at : next;
    }

    /// <summary>Everything of this instant happens.</summary>
    private async Task SettleAsync()
    {
        var first = _random.Next(_nodes.Length); // that not always the same node is the quickest
        for (var round = 0; ; round++)
        {
            if (round == MaxRounds)
            {
                throw new SimulationException(
                    $"Time cannot go on from {Now:O}: there is always more to do at once. Does a job enqueue itself without a delay, or set a timer that is due at once?"
                );
            }

            await FireAsync().ConfigureAwait(false);
            await WhenIdleAsync().ConfigureAwait(false);
            await BeatAsync().ConfigureAwait(false);
            if (!Array.Exists(_nodes, n => n.IsLive && (n.HasWork(Now) || n.Clock.NextTimer <= Now)))
            {
                return;
            }

            for (var i = 0; i < _nodes.Length; i++)
            {
                if (_nodes[(i + first) % _nodes.Length] is { IsLive: true } node)
                {
                    await node.PumpAsync(Now).ConfigureAwait(false);
                }
            }
        }
    }

    private async ValueTask FireAsync()
    {
        foreach (var node in _nodes)
        {
            while (node.IsLive && node.Clock.TryTakeDue(out var timer))
            {
                var fired = Task.Run(timer.Fire);
                try
                {
                    await fired.WaitAsync(_options.Patience).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    throw Stuck();
                }
            }
        }
    }

    private async ValueTask BeatAsync()
    {
        var isUrgent = _isUrgent;
        _isUrgent = false;
        foreach (var node in _nodes)
        {
            if (node.IsLive && (isUrgent || Now - node.LastBeat >= node.Lease / 3))
            {
                await node.BeatAsync(Now).ConfigureAwait(false);
                await _store.PromoteAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }

        if (_leaseEnds.Exists(end => end <= Now) && Array.Find(_nodes, static n => n.IsLive) is { } live)
        {
            _leaseEnds.RemoveAll(end => end <= Now);
            await live.RescueAsync().ConfigureAwait(false);
        }

        if (isUrgent)
        {
            await WhenIdleAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends when all that runs waits for virtual time.</summary>
    private async ValueTask WhenIdleAsync()
    {
        var began = Stopwatch.GetTimestamp();
        // What waits may be about to go on: a thread is still to take it up. So it is looked at again when the pool has come round.
        for (var (calm, looks) = (0, 0); calm < 3; looks++)
        {
            var live = _nodes.Where(static n => n.IsLive);
            calm = live.All(static n => n.IsIdle) ? calm + 1 : 0;
            if (calm > 0 && live.All(static n => !n.IsRunningJobs))
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(began) > _options.Patience)
            {
                throw Stuck();
            }

            if (looks < 1_000)
            {
                await Task.Yield();
            }
            else
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System).ConfigureAwait(false);
            }
        }
    }

    private SimulationException Stuck()
    {
        var busy = string.Join(", ", _nodes.Where(static n => n.IsLive).SelectMany(static n => n.Busy));
        return new(
            $"Time cannot go on from {Now:O}: within {_options.Patience} of real time these runs did neither end nor wait for virtual time: {busy}. A job that waits must do so on the TimeProvider of its services."
        );
    }
}
