using System.Data.Common;
using Autom8.Scheduling;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Scheduling;

/// <summary>What every store of tasks and jobs must do. Derive it once per engine; each test gets a database of its own.</summary>
public abstract partial class SchedulerStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(900);
    private static readonly SlotRules Rules = new(TimeSpan.FromMinutes(1), Ahead);

    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 7, 30, TimeSpan.Zero);

    private RecordingSink _sink = null!;
    private ISchedulerStore _store = null!;
    private long _node;

    /// <summary>Virtual time. It starts off the full minute: on a real server the clock is a few milliseconds of real time away from it.</summary>
    protected FakeTimeProvider Time { get; } = new(Start);

    /// <summary>Opens the test's database, again after <see cref="CloseAsync"/>, and answers services with the store. Its clock follows <see cref="Time"/>.</summary>
    protected abstract ValueTask<IServiceProvider> OpenAsync(ITaskChangeSink sink);

    /// <summary>Works in a transaction on the test's database, with what the names of its tables begin with. It is rolled back when the work throws.</summary>
    protected abstract ValueTask InTransactionAsync(Func<DbTransaction, string, ValueTask> work);

    /// <summary>Closes what was opened; the data stays.</summary>
    protected abstract ValueTask CloseAsync();

    /// <summary>Removes the database.</summary>
    protected abstract ValueTask RemoveAsync();

    public async Task InitializeAsync()
    {
        _sink = new RecordingSink();
        await ReopenAsync();
    }

    public async Task DisposeAsync()
    {
        await CloseAsync();
        await RemoveAsync();
    }

    [Fact]
    public async Task What_was_inserted_is_read_back_and_survives_a_restart()
    {
        var now = await _store.GetUtcNowAsync(default);
        var task = Draft("full", nextRun: now.AddHours(1)) with
        {
            Enabled = false,
            Payload = """{"a":"ż"}""",
            Misfire = MisfirePolicy.All,
            MisfireLimit = 7,
            MisfireWindow = TimeSpan.FromHours(3),
            Overlap = OverlapPolicy.Queue,
            MaxActive = 3,
            Queue = "reports",
            Priority = JobPriority.High,
            Retry = RetryPolicy.Fixed(3, TimeSpan.FromSeconds(5)),
            Timeout = TimeSpan.FromMilliseconds(1_500),
            TimeZone = "Europe/Warsaw",
            Declared = "{}",
        };
        Assert.True(await _store.InsertAsync(task, default, default));
        Assert.Equal(task, await _store.FindAsync(task.Id, default));

        await CloseAsync();
        await ReopenAsync();
        Assert.Equal(task, await _store.FindAsync("full", default));
        Assert.Null(await _store.FindAsync(Guid.CreateVersion7(), default));
        Assert.Null(await _store.FindAsync("none", default));
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        var first = await InsertAsync("one");
        var second = await InsertAsync("two");
        Assert.False(await _store.InsertAsync(Draft("one"), default, default));
        var taken = await Assert.ThrowsAsync<SchedulingException>(async () => await RenameAsync(second, "one"));
        Assert.Equal(SchedulingError.NameTaken, taken.Error);
        Assert.Equal(second, await _store.FindAsync(second.Id, default));
        Assert.Equal(first, await _store.FindAsync("one", default));
    }

    [Fact]
    public async Task Tasks_are_listed_by_name_a_page_at_a_time()
    {
        foreach (string name in (string[])["b", "a", "B", "ż", "c d", "é"])
            await InsertAsync(name);
        Assert.Equal(["B", "a", "b"], (await _store.ListAsync(null, 3, default)).Select(t => t.Name));
        Assert.Equal(["c d", "é", "ż"], (await _store.ListAsync("b", 10, default)).Select(t => t.Name));
        Assert.Empty(await _store.ListAsync("ż", 10, default));
    }

    [Fact]
    public async Task An_edit_raises_the_version_and_a_stale_one_changes_nothing()
    {
        var task = await InsertAsync("one");
        Time.Advance(TimeSpan.FromSeconds(1));
        var edited = await RenameAsync(task, "renamed");
        Assert.Equal(2, edited.Version);
        Assert.True(edited.UpdatedAt > task.UpdatedAt);
        Assert.Equal(edited, await _store.FindAsync(task.Id, default));

        var stale = await Assert.ThrowsAsync<SchedulingException>(async () => await RenameAsync(task, "again"));
        Assert.Equal(SchedulingError.StaleVersion, stale.Error);
        stale = await Assert.ThrowsAsync<SchedulingException>(async () => await _store.DeleteAsync(task.Id, 1, default, default));
        Assert.Equal(SchedulingError.StaleVersion, stale.Error);
        Assert.Equal(edited, await _store.FindAsync(task.Id, default));
    }

    [Fact]
    public async Task Of_many_edits_of_one_version_one_wins()
    {
        var task = await InsertAsync("one");
        var edits = Enumerable
            .Range(0, 8)
            .Select(i =>
                Task.Run(async () =>
                {
                    try
                    {
                        await RenameAsync(task, $"name {i}");
                        return true;
                    }
                    catch (SchedulingException error) when (error.Error == SchedulingError.StaleVersion)
                    {
                        return false;
                    }
                })
            );
        Assert.Single(await Task.WhenAll(edits), won => won);
        Assert.Equal(2, (await _store.FindAsync(task.Id, default))!.Version);
    }

    [Fact]
    public async Task An_unknown_task_is_said_to_be_unknown()
    {
        var id = Guid.CreateVersion7();
        await AssertUnknownAsync(() => _store.EditAsync(id, null, (_, _) => null, default, default));
        await AssertUnknownAsync(async () =>
        {
            await _store.DeleteAsync(id, null, default, default);
            return null!;
        });
        await AssertUnknownAsync(async () =>
        {
            await TriggerAsync(id);
            return null!;
        });

        static async Task AssertUnknownAsync(Func<ValueTask<ScheduledTask>> call)
        {
            var error = await Assert.ThrowsAsync<SchedulingException>(async () => await call());
            Assert.Equal(SchedulingError.UnknownTask, error.Error);
        }
    }

    [Fact]
    public virtual async Task Every_change_is_shown_to_the_sink_in_its_transaction()
    {
        var origin = new ChangeOrigin("ada", "r-1");
        var task = Draft("one");
        await _store.InsertAsync(task, origin, default);
        await _store.InsertAsync(Draft("one"), origin, default);
        await RenameAsync(task, "two", origin);
        await _store.EditAsync(task.Id, null, (_, _) => null, origin, default);
        await TriggerAsync(task.Id, origin);
        await _store.DeleteAsync(task.Id, null, origin, default);
        Assert.Equal(
            [
                (TaskChangeAction.Created, "one", ""),
                (TaskChangeAction.Updated, "two", "Name"),
                (TaskChangeAction.Triggered, "two", ""),
                (TaskChangeAction.Deleted, "two", ""),
            ],
            _sink.Changes.Select(c => (c.Action, c.TaskName, string.Join(',', c.ChangedFields)))
        );
        Assert.All(_sink.Changes, c => Assert.Equal((task.Id, origin), (c.TaskId, c.Origin)));
        // What the sink wrote in the transactions was committed with them.
        Assert.Equal(4, _sink.RowsSeen);
        Assert.Null(await _store.FindAsync(task.Id, default));
    }

    [Fact]
    public virtual async Task A_sink_that_throws_undoes_the_change()
    {
        var task = await InsertAsync("one");
        _sink.Refuse = true;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _store.InsertAsync(Draft("two"), default, default));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await RenameAsync(task, "renamed"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await TriggerAsync(task.Id));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _store.DeleteAsync(task.Id, null, default, default));
        _sink.Refuse = false;
        Assert.Equal([task], await _store.ListAsync(null, 10, default));
        Assert.Empty((await ClaimAsync()).Jobs);
    }

    private async ValueTask ReopenAsync()
    {
        _store = (await OpenAsync(_sink)).GetRequiredService<ISchedulerStore>();
        _node = await _store.JoinAsync("node", Lease, default);
    }

    private ValueTask<int> TriggerAsync(Guid id, ChangeOrigin origin = default) =>
        _store.TriggerAsync(id, static (task, now) => [TaskJobs.Make(task, now, null, now)], once: true, origin, default);

    private ValueTask<IReadOnlyList<SlotStep>> MaterializeAsync() =>
        _store.MaterializeAsync(
            new(["job"], Ahead, 100, "node", Rules.Decide, static (t, slot) => TaskJobs.Make(t, slot, null, slot)),
            default
        );

    private async ValueTask<ClaimResult> ClaimAsync(
        int limit = 100,
        TimeSpan ahead = default,
        string[]? queues = null,
        string[]? jobs = null,
        long? node = null
    )
    {
        // On a real server the clock of a transaction may lie a little before that of the one that ended last.
        Time.Advance(Step);
        return await _store.ClaimAsync(new(node ?? _node, [new(queues ?? ["default"], limit)], jobs ?? ["job"], ahead), default);
    }

    private async ValueTask<ClaimedJob> ClaimOneAsync() => Assert.Single((await ClaimAsync()).Jobs);

    private async ValueTask<bool> CompleteAsync(
        ClaimedJob job,
        ExecutionStatus status = ExecutionStatus.Succeeded,
        JobDisposition then = JobDisposition.Finish,
        TimeSpan delay = default
    ) => (await _store.CompleteAsync([Outcome(job, status, then, delay)], null, null, default)).Contains(job.Claim);

    private JobOutcome Outcome(
        ClaimedJob job,
        ExecutionStatus status,
        JobDisposition then = JobDisposition.Finish,
        TimeSpan delay = default
    ) => new(job, status, then, Time.GetUtcNow(), Time.GetUtcNow(), "node", status == ExecutionStatus.Failed ? "broken" : null, delay);

    private async ValueTask<Guid> EnqueueAsync(NewJob job) => Assert.Single(await _store.EnqueueAsync([job], null, default));

    private static NewJob Job(string name = "job") =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Job = name,
            Queue = "default",
        };

    private async ValueTask<JobState?> StateAsync(Guid id) => (await _store.FindJobAsync(id, default))?.State;

    private async ValueTask<ExecutionStatus[]> StatusesAsync(Guid? task = null, Guid? job = null) =>
        [.. (await _store.ListExecutionsAsync(task, job, null, 100, default)).Select(e => e.Status)];

    private async ValueTask<ScheduledTask> InsertAsync(string name, Func<ScheduledTask, ScheduledTask>? with = null)
    {
        var task = with?.Invoke(Draft(name)) ?? Draft(name);
        Assert.True(await _store.InsertAsync(task, default, default));
        return task;
    }

    private async ValueTask<ScheduledTask> InsertDueAsync(string name, Func<ScheduledTask, ScheduledTask>? with = null)
    {
        var task = Draft(name, Time.GetUtcNow()) with { Schedule = "* * * * *" };
        task = with?.Invoke(task) ?? task;
        Assert.True(await _store.InsertAsync(task, default, default));
        Time.Advance(Step);
        return task;
    }

    private ValueTask<ScheduledTask> RenameAsync(ScheduledTask task, string name, ChangeOrigin origin = default) =>
        _store.EditAsync(
            task.Id,
            task.Version,
            (current, _) => new TaskEdit(TaskChangeAction.Updated, current with { Name = name }, ["Name"]),
            origin,
            default
        );

    private ScheduledTask Draft(string name, DateTimeOffset? nextRun = null)
    {
        var now = Time.GetUtcNow();
        return new()
        {
            Id = Guid.CreateVersion7(now),
            Name = name,
            Job = "job",
            Schedule = "0 * * * *",
            Version = 1,
            NextRun = nextRun,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    private sealed class RecordingSink : ITaskChangeSink
    {
        public List<TaskChange> Changes { get; } = [];

        public long RowsSeen { get; private set; }

        public bool Refuse { get; set; }

        public async ValueTask OnChangeAsync(TaskChange change, DbTransaction transaction, CancellationToken cancellationToken)
        {
            await using var command = transaction.Connection!.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "create table if not exists seen (n integer); insert into seen values (1);";
            await command.ExecuteNonQueryAsync(cancellationToken);
            command.CommandText = "select count(*) from seen";
            RowsSeen = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            Changes.Add(change);
            if (Refuse)
                throw new InvalidOperationException("refused");
        }
    }
}
