using System.Data.Common;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Storage.Memory;
using Autom8.Scheduling.Tasks;
using Autom8.Testing.Scheduling;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Tests.Storage;

public sealed class MemorySchedulerStoreTests : SchedulerStoreContract
{
    private MemorySchedulerStore? _store;

    [Fact]
    public override async Task What_is_enqueued_in_a_transaction_is_there_if_it_commits()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await _store!.EnqueueAsync([], transaction, default));
        Assert.Contains("in memory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public override async Task What_completes_in_a_transaction_that_is_rolled_back_is_still_claimed()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        await Assert.ThrowsAsync<ArgumentException>(async () => await _store!.CompleteAsync([], transaction, null, default));
    }

    [Fact]
    public override Task Every_change_is_shown_to_the_sink_in_its_transaction() => A_sink_that_throws_undoes_the_change();

    [Fact]
    public override Task A_sink_that_throws_undoes_the_change()
    {
        using var services = Services(s => s.AddSingleton<ITaskChangeSink>(new Sink()));
        var error = Assert.Throws<SchedulingException>(() => services.GetRequiredService<IScheduler>());
        Assert.Equal(SchedulingError.Misconfigured, error.Error);
        Assert.Contains(nameof(ITaskChangeSink), error.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    }

    [Fact]
    public void History_is_bounded_and_keeps_the_newest()
    {
        var history = new MemoryHistory(limit: 10, maxText: 1_000);
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
        for (var i = 1; i <= 25; i++)
        {
            history.Add(Execution(i, i % 2 == 0 ? one : two, ""));
        }

        Assert.Equal(Enumerable.Range(16, 10).Reverse().Select(i => (long)i), history.List(null, null, long.MaxValue).Select(e => e.Id));
        Assert.Equal([24, 22, 20, 18, 16], history.List(one, null, long.MaxValue).Select(e => e.Id));
        Assert.Equal([17], history.List(two, null, 18).Select(e => e.Id));
        // One that took long belongs where its number is.
        history.Add(Execution(20, two, new string('x', 500)));
        Assert.Equal([25, 23, 21, 20, 19, 17], history.List(two, null, long.MaxValue).Select(e => e.Id));
        // The texts are bounded as well: the long one goes, with what is older.
        history.Add(Execution(26, one, new string('x', 600)));
        Assert.Equal([26, 25, 24, 23, 22, 21], history.List(null, null, long.MaxValue).Select(e => e.Id).Where(id => id != 20));
    }

    protected override ValueTask<IServiceProvider> OpenAsync(ITaskChangeSink sink)
    {
        _store ??= new MemorySchedulerStore(Time); // what a process keeps as long as it lives
        return new(Services(s => s.AddSingleton<ISchedulerStore>(_store)));
    }

    protected override ValueTask InTransactionAsync(Func<DbTransaction, string, ValueTask> work) => throw new NotSupportedException();

    protected override ValueTask CloseAsync() => default;

    protected override ValueTask RemoveAsync() => default;

    private static ServiceProvider Services(Action<IServiceCollection> more)
    {
        var services = new ServiceCollection();
        more(services);
        services.AddAutom8Scheduling();
        return services.BuildServiceProvider();
    }

    private static TaskExecution Execution(long id, Guid task, string error) =>
        new()
        {
            Id = id,
            JobId = Guid.NewGuid(),
            TaskId = task,
            Job = "job",
            ScheduledAt = default,
            StartedAt = default,
            CompletedAt = default(DateTimeOffset),
            Attempt = 1,
            Node = "node",
            ErrorMessage = error,
        };

    private sealed class Sink : ITaskChangeSink
    {
        public ValueTask OnChangeAsync(TaskChange change, DbTransaction transaction, CancellationToken cancellationToken) => default;
    }
}
