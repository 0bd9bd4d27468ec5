using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling.Simulation;

/// <summary>A node of a simulation: a process, as far as the scheduler can tell.</summary>
public sealed class SimulatedNode
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly ServiceProvider _services;
    private readonly SchedulerNode _node;
    private readonly WakeSignal _wake;
    private readonly SchedulingOptions _options;
    private readonly FlowFilter _runs = new();

    internal SimulatedNode(int index, Action<IServiceCollection> configure, ISchedulerStore store, VirtualClock clock, int seed)
    {
        Index = index;
        Name = FormattableString.Invariant($"node-{index}");
        Clock = new NodeClock(clock, seed);
        var services = new ServiceCollection();
        services.Insert(0, ServiceDescriptor.Singleton<IJobFilter>(_runs));
        configure(services);
        services.RemoveAll<TimeProvider>().AddSingleton<TimeProvider>(Clock);
        services.RemoveAll<ISchedulerStore>().AddSingleton(store);
        services.PostConfigure<SchedulingOptions>(o => o.Node = Name);
        services.TryAddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.TryAdd(ServiceDescriptor.Singleton(typeof(ILogger<>), typeof(NullLogger<>)));
        _services = services.BuildServiceProvider();
        _options = _services.GetRequiredService<IOptions<SchedulingOptions>>().Value;
        // Nothing happens between events: there is nothing to poll for.
        _options.PollInterval = LongestWait;
        _wake = _services.GetRequiredService<WakeSignal>();
        _node = _services.GetRequiredService<SchedulerNode>();
    }

    /// <summary>Its number, from 0.</summary>
    public int Index { get; }

    /// <summary>What it is called in the history: <c>node-0</c>.</summary>
    public string Name { get; }

    /// <summary>False once it has crashed.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>Whether it stands still.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Its services; those of a crashed node are of no use.</summary>
    public IServiceProvider Services => _services;

    /// <summary>Its scheduler.</summary>
    public IScheduler Scheduler => _services.GetRequiredService<IScheduler>();

    /// <summary>Its job queue.</summary>
    public IJobQueue Jobs => _services.GetRequiredService<IJobQueue>();

    internal NodeClock Clock { get; }

    internal bool IsLive => IsRunning && !IsFrozen;

    internal TimeSpan Lease => _options.LeaseDuration;

    /// <summary>When it has something to do of its own accord.</summary>
    internal DateTimeOffset NextPump { get; private set; }

    internal DateTimeOffset LastBeat { get; private set; }

    /// <summary>Whether everything it runs waits for virtual time.</summary>
    internal bool IsIdle => _node.IsSettled(_runs.Waiting);

    internal bool IsRunningJobs => _runs.Flows.Any();

    /// <summary>What it runs and does not wait for virtual time.</summary>
    internal IEnumerable<string> Busy => _runs.Flows.Where(static flow => !flow.IsWaiting).Select(flow => $"'{flow.Name}' on {Name}");

    internal ValueTask DeclareAsync() =>
        _options.RunTasks ? _services.GetRequiredService<DurableScheduler>().DeclareAsync(CancellationToken.None) : default;

    /// <summary>Somebody may have done something since.</summary>
    internal void LookAgain() => NextPump = default;

    internal bool HasWork(DateTimeOffset now) => _options.RunTasks && (_wake.IsSet || NextPump <= now);

    internal async ValueTask PumpAsync(DateTimeOffset now)
    {
        if (!_options.RunTasks)
        {
            NextPump = DateTimeOffset.MaxValue;
            return;
        }

        _wake.Reset();
        _node.LookAtSlots();
        NextPump = now + await _node.PumpAsync().ConfigureAwait(false);
    }

    internal ValueTask BeatAsync(DateTimeOffset now)
    {
        LastBeat = now;
        return _node.BeatAsync(CancellationToken.None);
    }

    internal ValueTask RescueAsync() => _node.RescueAsync(CancellationToken.None);

    internal void Crash()
    {
        IsRunning = false;
        _runs.Freeze();
    }

    internal void Freeze()
    {
        IsFrozen = true;
        _runs.Freeze();
    }

    internal void Thaw()
    {
        IsFrozen = false;
        _runs.Thaw();
        LookAgain();
    }

    internal ValueTask EndAsync() => _services.DisposeAsync();
}
