using System.Reflection;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Scheduling.Tests.Engine;

/// <summary>What happens while the store is out of reach.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 10, 7, 30, TimeSpan.Zero));
    private TestNode _node = null!;
    private UnreliableStore _store = null!;
    private SchedulerNode _engine = null!;
    private ScheduledTask _task = null!;

    public async Task InitializeAsync()
    {
        _node = new TestNode(_database, _time);
        var proxy = DispatchProxy.Create<ISchedulerStore, UnreliableStore>();
        _store = (UnreliableStore)(object)proxy;
        _store.Inner = _node.Store;
        var services = _node.Services;
        _engine = new SchedulerNode(
            proxy,
            services.GetRequiredService<JobCatalog>(),
            services.GetRequiredService<JobRunner>(),
            services.GetRequiredService<AlertWatch>(),
            services.GetRequiredService<IOptions<SchedulingOptions>>(),
            _time,
            services.GetRequiredService<WakeSignal>(),
            services.GetRequiredService<SchedulingTelemetry>(),
            services.GetRequiredService<SchedulingLogger>()
        );
        _task = await _node.Scheduler.CreateAsync(
            new TaskDefinition
            {
                Name = "one",
                Job = "probe",
                Schedule = "* * * * *",
            }
        );
        _time.Advance(TimeSpan.FromMinutes(1));
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _node.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task A_run_goes_on_while_its_lease_may_hold_and_is_cancelled_when_it_cannot()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _node.Probe.Behaviour = async (_, ct) =>
        {
            await using var registration = ct.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, ct);
        };
        await _engine.PumpAsync();
        await _node.Probe.BegunAsync();
        _store.Down = nameof(ISchedulerStore.BeatAsync);
        for (int i = 0; i < 2; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Assert.ThrowsAsync<IOException>(async () => await _engine.BeatAsync(default));
        }
        Assert.False(cancelled.Task.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<IOException>(async () => await _engine.BeatAsync(default));
        await cancelled.Task.WaitAsync(TestNode.Patience);
        await _engine.WhenIdleAsync().WaitAsync(TestNode.Patience);
        var execution = Assert.Single((await _node.Scheduler.ListExecutionsAsync(_task.Id)).Items);
        // The lease may be over, and was not: nobody took the run over, and it is run again as the same attempt.
        Assert.Equal(ExecutionStatus.Interrupted, execution.Status);
    }

    [Fact]
    public async Task An_outcome_is_recorded_once_the_store_is_back()
    {
        _store.Down = nameof(ISchedulerStore.CompleteAsync);
        await _engine.PumpAsync();
        Assert.True(await _store.RefusedAsync());
        _store.Down = null;
        var idle = _engine.WhenIdleAsync();
        for (int i = 0; i < 2_000 && !await EndedAsync(idle); i++)
            _time.Advance(TimeSpan.FromMilliseconds(100));
        var execution = Assert.Single((await _node.Scheduler.ListExecutionsAsync(_task.Id)).Items);
        Assert.Equal(ExecutionStatus.Succeeded, execution.Status);
        Assert.Equal(0, _engine.Running);
    }

    [Fact]
    public async Task What_was_claimed_and_never_answered_is_given_back_and_run()
    {
        _store.Mute = nameof(ISchedulerStore.ClaimAsync);
        await Assert.ThrowsAsync<IOException>(async () => await _engine.PumpAsync());
        _store.Mute = null;
        Assert.Equal(JobState.Claimed, Assert.Single(await _node.Jobs.ListAsync()).State);
        await _engine.PumpAsync();
        await _node.Probe.BegunAsync();
        await _engine.WhenIdleAsync().WaitAsync(TestNode.Patience);
        Assert.Single(_node.Probe.Runs);
        Assert.Empty(await _node.Jobs.ListAsync());
    }

    private static async Task<bool> EndedAsync(Task task) => await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(20))) == task;

    /// <summary>A store of which one method can be made to fail.</summary>
    public class UnreliableStore : DispatchProxy
    {
        private readonly SemaphoreSlim _refused = new(0);
        private volatile string? _down;

        internal ISchedulerStore Inner { get; set; } = null!;

        public string? Down
        {
            get => _down;
            set => _down = value;
        }

        /// <summary>A method that does its work, and whose answer is lost.</summary>
        public string? Mute { get; set; }

        public Task<bool> RefusedAsync() => _refused.WaitAsync(TestNode.Patience);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == Mute)
            {
                ((ValueTask<ClaimResult>)targetMethod.Invoke(Inner, args)!).AsTask().GetAwaiter().GetResult();
                throw new IOException("The connection broke.");
            }

            if (targetMethod.Name != _down)
                return targetMethod.Invoke(Inner, args);
            _refused.Release();
            throw new IOException("The store is out of reach.");
        }
    }
}
