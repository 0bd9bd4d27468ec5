using System.Collections.Concurrent;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

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
        Store = database.Prepare(Services.GetRequiredService<ITaskStore>(), time);
        Scheduler = Services.GetRequiredService<IScheduler>();
        Dispatcher = Services.GetRequiredService<RunDispatcher>();
    }

    public Probe Probe { get; } = new();

    public ServiceProvider Services { get; }

    public ITaskStore Store { get; }

    public IScheduler Scheduler { get; }

    internal RunDispatcher Dispatcher { get; }

    internal IHostedService Service => Services.GetServices<IHostedService>().Single(s => s is SchedulerService);

    public ValueTask DeclareAsync() => Services.GetRequiredService<DurableScheduler>().DeclareAsync(default);

    /// <summary>Begins what is due and waits for its end.</summary>
    public async Task PumpAsync()
    {
        await Dispatcher.PumpAsync();
        await Dispatcher.WhenIdleAsync().WaitAsync(Patience);
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();
}
