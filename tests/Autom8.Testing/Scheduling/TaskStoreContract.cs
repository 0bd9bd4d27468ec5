using System.Data.Common;
using Autom8.Scheduling;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Scheduling;

/// <summary>What every store of tasks must do. Derive it once per engine; each test gets a database of its own.</summary>
public abstract class TaskStoreContract : IAsyncLifetime
{
    protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private const int MaxAttempts = 2;
    private static readonly DispatchRules Rules = new(TimeSpan.FromMinutes(1), MaxAttempts, Lease, "node");

    private RecordingSink _sink = null!;
    private ITaskStore _store = null!;

    /// <summary>Virtual time. It starts off the full minute: on a real server the clock is a few milliseconds of real time away from it.</summary>
    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 10, 7, 30, TimeSpan.Zero));

    /// <summary>Opens the test's database, again after <see cref="CloseAsync"/>. The store's clock follows <see cref="Time"/>.</summary>
    protected abstract ValueTask<ITaskStore> OpenAsync(ITaskChangeSink sink);

    /// <summary>Closes what was opened; the data stays.</summary>
    protected abstract ValueTask CloseAsync();

    /// <summary>Removes the database.</summary>
    protected abstract ValueTask RemoveAsync();

    public async Task InitializeAsync()
    {
        _sink = new RecordingSink();
        _store = await OpenAsync(_sink);
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
            Misfire = MisfirePolicy.Skip,
            Timeout = TimeSpan.FromMilliseconds(1_500),
            TimeZone = "Europe/Warsaw",
            Declared = "{}",
        };
        Assert.True(await _store.InsertAsync(task, default, default));
        Assert.Equal(task, await _store.FindAsync(task.Id, default));

        await CloseAsync();
        _store = await OpenAsync(_sink);
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
            await _store.TriggerAsync(id, default, default);
            return null!;
        });

        static async Task AssertUnknownAsync(Func<ValueTask<ScheduledTask>> call)
        {
            var error = await Assert.ThrowsAsync<SchedulingException>(async () => await call());
            Assert.Equal(SchedulingError.UnknownTask, error.Error);
        }
    }

    [Fact]
    public async Task Every_change_is_shown_to_the_sink_in_its_transaction()
    {
        var origin = new ChangeOrigin("ada", "r-1");
        var task = Draft("one");
        await _store.InsertAsync(task, origin, default);
        await _store.InsertAsync(Draft("one"), origin, default);
        await RenameAsync(task, "two", origin);
        await _store.EditAsync(task.Id, null, (_, _) => null, origin, default);
        await _store.TriggerAsync(task.Id, origin, default);
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
    public async Task A_sink_that_throws_undoes_the_change()
    {
        var task = await InsertAsync("one");
        _sink.Refuse = true;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _store.InsertAsync(Draft("two"), default, default));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await RenameAsync(task, "renamed"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _store.TriggerAsync(task.Id, default, default));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _store.DeleteAsync(task.Id, null, default, default));
        _sink.Refuse = false;
        Assert.Equal([task], await _store.ListAsync(null, 10, default));
        Assert.Empty((await ClaimAsync()).Steps);
    }

    [Fact]
    public async Task A_due_task_is_claimed_once_by_whoever_is_first()
    {
        var task = await InsertDueAsync("one");
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await ClaimAsync())));
        var step = Assert.Single(claims.SelectMany(c => c.Steps));
        Assert.Equal(DispatchKind.Run, step.Kind);

        var stored = (await _store.FindAsync(task.Id, default))!;
        Assert.Equal(step.After.Task, stored);
        Assert.Equal(ScheduledTaskStatus.Running, stored.Status);
        Assert.True(stored.NextRun > task.NextRun);
        Assert.Equal([step.Begun!], await _store.ListExecutionsAsync(task.Id, null, 10, default));
        Assert.Equal((task.NextRun, 1, 1L), (step.Begun!.ScheduledAt, step.Begun.Attempt, step.Begun.Claim));
    }

    [Fact]
    public async Task Claims_take_the_longest_due_first_and_only_known_jobs()
    {
        var now = await _store.GetUtcNowAsync(default);
        await _store.InsertAsync(Draft("late", nextRun: now.AddSeconds(-5)), default, default);
        await _store.InsertAsync(Draft("later", nextRun: now.AddSeconds(-20)), default, default);
        await _store.InsertAsync(Draft("latest", nextRun: now.AddSeconds(-10)), default, default);
        await _store.InsertAsync(Draft("foreign", nextRun: now.AddSeconds(-30)) with { Job = "other" }, default, default);
        await _store.InsertAsync(Draft("paused", nextRun: now.AddSeconds(-30)) with { Enabled = false }, default, default);
        await _store.InsertAsync(Draft("ahead", nextRun: now.AddSeconds(3_000)), default, default);

        var first = await ClaimAsync(limit: 2);
        Assert.Equal(["later", "latest"], first.Steps.Select(s => s.After.Task.Name));
        Assert.True(first.NextDue <= first.Now);
        Assert.Equal(["late"], (await ClaimAsync()).Steps.Select(s => s.After.Task.Name));
        var last = await ClaimAsync();
        Assert.Empty(last.Steps);

        // The end of a lease, and not the task ahead; a server's clock may be read a little later for the lease than for the answer.
        Assert.InRange(last.NextDue!.Value, last.Now.AddTicks(1), last.Now + (2 * Lease));
    }

    [Fact]
    public async Task An_outcome_is_recorded_once_and_frees_the_task()
    {
        var task = await InsertDueAsync("one");
        var run = (await ClaimAsync()).Steps.Single().Begun!;
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await _store.CompleteAsync(new(task.Id, run.Id, run.Claim, ExecutionStatus.Failed, "broken"), default));
        Assert.False(await _store.CompleteAsync(new(task.Id, run.Id, run.Claim, ExecutionStatus.Succeeded, null), default));

        var recorded = Assert.Single(await _store.ListExecutionsAsync(task.Id, null, 10, default));
        Assert.Equal((ExecutionStatus.Failed, "broken"), (recorded.Status, recorded.ErrorMessage));
        Assert.True(recorded.CompletedAt > recorded.StartedAt);
        Assert.Equal(ScheduledTaskStatus.Failed, (await _store.FindAsync(task.Id, default))!.Status);
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(DispatchKind.Run, (await ClaimAsync()).Steps.Single().Kind);
    }

    [Fact]
    public async Task A_run_that_is_not_heard_of_is_abandoned_and_its_late_outcome_refused()
    {
        var task = await InsertDueAsync("one");
        var first = (await ClaimAsync()).Steps.Single().Begun!;
        Time.Advance(Lease - TimeSpan.FromSeconds(2));
        Assert.Empty((await ClaimAsync()).Steps);
        Time.Advance(TimeSpan.FromSeconds(4));
        var second = (await ClaimAsync()).Steps.Single().Begun!;
        Assert.Equal((first.ScheduledAt, 2, 2L), (second.ScheduledAt, second.Attempt, second.Claim));

        Assert.False(await _store.CompleteAsync(new(task.Id, first.Id, first.Claim, ExecutionStatus.Succeeded, null), default));
        Assert.Empty(await _store.RenewAsync([first.Id], Lease, default));
        Assert.Equal(
            [ExecutionStatus.Running, ExecutionStatus.Abandoned],
            (await _store.ListExecutionsAsync(task.Id, null, 10, default)).Select(e => e.Status)
        );
        Assert.Equal(ScheduledTaskStatus.Running, (await _store.FindAsync(task.Id, default))!.Status);

        Time.Advance(Lease + TimeSpan.FromSeconds(1));
        Assert.Equal(DispatchKind.GiveUp, (await ClaimAsync()).Steps.Single().Kind);
        Assert.All(
            await _store.ListExecutionsAsync(task.Id, null, 10, default),
            e => Assert.True(e is { Status: ExecutionStatus.Abandoned, CompletedAt: not null })
        );
        Assert.Equal(ScheduledTaskStatus.Failed, (await _store.FindAsync(task.Id, default))!.Status);
    }

    [Fact]
    public async Task A_renewed_lease_holds()
    {
        await InsertDueAsync("one");
        var run = (await ClaimAsync()).Steps.Single().Begun!;
        for (int i = 0; i < 4; i++)
        {
            Time.Advance(Lease / 2);
            Assert.Equal([run.Id], await _store.RenewAsync([run.Id, Guid.CreateVersion7()], Lease, default));
            Assert.Empty((await ClaimAsync()).Steps);
        }
    }

    [Fact]
    public async Task An_interrupted_run_is_begun_again_at_once_as_the_same_attempt()
    {
        var task = await InsertDueAsync("one");
        var first = (await ClaimAsync()).Steps.Single().Begun!;
        Assert.True(await _store.CompleteAsync(new(task.Id, first.Id, first.Claim, ExecutionStatus.Cancelled, null), default));
        Assert.Equal(ScheduledTaskStatus.Idle, (await _store.FindAsync(task.Id, default))!.Status);
        Time.Advance(TimeSpan.FromMilliseconds(100));
        var second = (await ClaimAsync()).Steps.Single().Begun!;
        Assert.Equal((first.ScheduledAt, 1, 2L), (second.ScheduledAt, second.Attempt, second.Claim));
        Assert.Equal(
            [ExecutionStatus.Running, ExecutionStatus.Cancelled],
            (await _store.ListExecutionsAsync(task.Id, null, 10, default)).Select(e => e.Status)
        );
    }

    [Fact]
    public async Task Triggers_before_the_start_are_one_run_even_of_a_paused_task()
    {
        var now = await _store.GetUtcNowAsync(default);
        var task = Draft("one", nextRun: now.AddHours(1)) with { Enabled = false };
        await _store.InsertAsync(task, default, default);
        await _store.TriggerAsync(task.Id, default, default);
        Time.Advance(TimeSpan.FromSeconds(1));
        await _store.TriggerAsync(task.Id, default, default);
        var run = (await ClaimAsync()).Steps.Single().Begun!;
        Assert.Equal(now, run.ScheduledAt, TimeSpan.FromMilliseconds(900));
        await _store.CompleteAsync(new(task.Id, run.Id, run.Claim, ExecutionStatus.Succeeded, null), default);
        Assert.Empty((await ClaimAsync()).Steps);

        await _store.TriggerAsync(task.Id, default, default);
        run = (await ClaimAsync()).Steps.Single().Begun!;
        await _store.TriggerAsync(task.Id, default, default);
        Assert.Empty((await ClaimAsync()).Steps);
        await _store.CompleteAsync(new(task.Id, run.Id, run.Claim, ExecutionStatus.Succeeded, null), default);
        Assert.Equal(DispatchKind.Run, (await ClaimAsync()).Steps.Single().Kind);
    }

    [Fact]
    public async Task History_is_paged_newest_first_and_outlives_its_task()
    {
        var task = await RunManyAsync("one", 5);
        var page = await _store.ListExecutionsAsync(task.Id, null, 3, default);
        Assert.Equal([5, 4, 3], page.Select(e => e.Claim));
        await _store.DeleteAsync(task.Id, null, default, default);
        Assert.Equal([2, 1], (await _store.ListExecutionsAsync(task.Id, 3, 3, default)).Select(e => e.Claim));
    }

    [Fact]
    public async Task Pruning_takes_the_oldest_finished_executions_up_to_the_limit()
    {
        var task = await RunManyAsync("old", 5);
        await _store.TriggerAsync(task.Id, default, default);
        var running = (await ClaimAsync()).Steps.Single().Begun!;
        await _store.RenewAsync([running.Id], TimeSpan.FromDays(1), default);
        Time.Advance(TimeSpan.FromHours(1));
        var middle = await _store.GetUtcNowAsync(default);
        Time.Advance(TimeSpan.FromHours(1));
        var recent = await RunManyAsync("recent", 2);

        Assert.Equal(2, await _store.PruneExecutionsAsync(middle, 2, default));
        Assert.Equal([6, 5, 4, 3], (await _store.ListExecutionsAsync(task.Id, null, 10, default)).Select(e => e.Claim));
        Assert.Equal(3, await _store.PruneExecutionsAsync(middle, 100, default));
        Assert.Equal(0, await _store.PruneExecutionsAsync(middle, 100, default));
        Assert.Equal([running.Id], (await _store.ListExecutionsAsync(task.Id, null, 10, default)).Select(e => e.Id));
        Assert.Equal(2, (await _store.ListExecutionsAsync(recent.Id, null, 10, default)).Count);
    }

    protected ValueTask<ClaimResult> ClaimAsync(int limit = 100) => _store.ClaimAsync(new(["job"], limit, Rules.Decide), default);

    private async ValueTask<ScheduledTask> RunManyAsync(string name, int times)
    {
        var task = await InsertAsync(name);
        for (int i = 0; i < times; i++)
        {
            await _store.TriggerAsync(task.Id, default, default);
            Time.Advance(TimeSpan.FromMilliseconds(20));
            var run = (await ClaimAsync()).Steps.Single(s => s.After.Task.Id == task.Id).Begun!;
            Assert.True(await _store.CompleteAsync(new(task.Id, run.Id, run.Claim, ExecutionStatus.Succeeded, null), default));
        }
        return task;
    }

    private async ValueTask<ScheduledTask> InsertAsync(string name)
    {
        var task = Draft(name);
        Assert.True(await _store.InsertAsync(task, default, default));
        return task;
    }

    private async ValueTask<ScheduledTask> InsertDueAsync(string name)
    {
        var task = Draft(name, await _store.GetUtcNowAsync(default));
        Assert.True(await _store.InsertAsync(task, default, default));
        Time.Advance(TimeSpan.FromMilliseconds(100));
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
