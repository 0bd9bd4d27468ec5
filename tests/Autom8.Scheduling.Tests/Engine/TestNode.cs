using System.Collections.Concurrent;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Scheduling.Tests.Engine;

/// <summary>What the test's job does, and what it was called with.</summary>
public sealed class Probe
{
    private readonly SemaphoreSlim _begun = new(0);

    public ConcurrentQueue<JobContext> Runs { get; } = new();

    public Func<JobContext, CancellationToken, ValueTask> Behaviour { get; set; } = static (_, _) => default;

    /// <summary>Ends when one more run has begun.</summary>
    public async Task BegunAsync() => Assert.True(await HasBegunAsync(TestNode.Patience), "No run began.");

    public Task<bool> HasBegunAsync(TimeSpan within) => _begun.WaitAsync(within);

    public ValueTask RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        Runs.Enqueue(context);
        _begun.Release();
        return Behaviour(context, cancellationToken);
    }
}

public sealed class ProbeJob(Probe probe) : IJob
{
    public ValueTask RunAsync(JobContext context, CancellationToken cancellationToken) => probe.RunAsync(context, cancellationToken);
}

/// <summary>A process with a scheduler, as far as the scheduler can tell. Its engine is driven step by step, or by its own service.</summary>
public sealed class TestNode : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TimeProvider _time;
    private readonly string _name;

    public TestNode(
        TestDatabase database,
        TimeProvider time,
        Action<SchedulingOptions>? configure = null,
        Action<SchedulingBuilder>? jobs = null,
        Action<IServiceCollection>? more = null
    )
    {
        var services = new ServiceCollection().AddSingleton(time).AddSingleton(Probe);
        more?.Invoke(services);
        var builder = services.AddAutom8Scheduling(configure);
        (jobs ?? (b => b.AddJob<ProbeJob>("probe")))(builder);
        database.Use(builder);
        Services = services.BuildServiceProvider();
        Store = database.Prepare(Services.GetRequiredService<ISchedulerStore>(), time);
        Scheduler = Services.GetRequiredService<IScheduler>();
        _time = time;
        _name = Services.GetRequiredService<IOptions<SchedulingOptions>>().Value.Node;
        Jobs = Services.GetRequiredService<IJobQueue>();
        Node = Services.GetRequiredService<SchedulerNode>();
    }

    public Probe Probe { get; } = new();

    public ServiceProvider Services { get; }

    internal ISchedulerStore Store { get; }

    public IScheduler Scheduler { get; }

    public IJobQueue Jobs { get; }

    internal SchedulerNode Node { get; }

    internal IHostedService Service => Services.GetServices<IHostedService>().Single(s => s is SchedulerService);

    public ValueTask DeclareAsync() => Services.GetRequiredService<DurableScheduler>().DeclareAsync(default);

    /// <summary>Takes over from the dead, begins what is due and waits for its end.</summary>
    public async Task PumpAsync()
    {
        await BeginAsync();
        await WhenIdleAsync();
    }

    /// <summary>Takes over from the dead and begins what is due.</summary>
    public async Task BeginAsync()
    {
        // Never early by the store's clock, to the microsecond; on a real server that clock is a little away from the virtual one.
        (_time as FakeTimeProvider)?.Advance(TimeSpan.FromMilliseconds(50));
        // The lease before the claims: to other nodes that look meanwhile this one is alive.
        await Node.BeatAsync(default);
        Node.LookAtSlots();
        await Node.PumpAsync();
        await Node.RescueAsync(default);
        Node.LookAtSlots();
        await Node.PumpAsync();
    }

    /// <summary>Ends when so many runs are under way.</summary>
    public async Task WhenRunningAsync(int count)
    {
        for (var until = DateTime.UtcNow + Patience; Node.Running != count; await Task.Delay(5))
        {
            Assert.True(DateTime.UtcNow < until, "The runs did not begin.");
        }
    }

    /// <summary>Ends when what this node has and is due has ended.</summary>
    public async Task WhenIdleAsync()
    {
        for (var until = DateTime.UtcNow + Patience; await HasDueAsync(); await Task.Delay(5))
        {
            Assert.True(DateTime.UtcNow < until, "The runs did not end.");
            (_time as FakeTimeProvider)?.Advance(TimeSpan.FromMilliseconds(1));
        }

        await Node.WhenIdleAsync().WaitAsync(Patience);
    }

    private async Task<bool> HasDueAsync() =>
        (await Jobs.ListAsync(JobState.Claimed, limit: 500)).Any(j => j.Node == _name && j.DueAt <= _time.GetUtcNow());

    public ValueTask DisposeAsync() => Services.DisposeAsync();
}
