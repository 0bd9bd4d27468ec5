using Autom8.Scheduling;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;

namespace Autom8.Testing.Scheduling;

/// <content>Claims, completion, nodes and the history.</content>
public abstract partial class SchedulerStoreContract
{
    [Fact]
    public async Task Claims_go_by_priority_then_by_the_order_of_queues_then_by_due_time()
    {
        var due = Time.GetUtcNow();
        (string Name, string Queue, JobPriority Priority, int Seconds)[] made =
        [
            ("low", "first", JobPriority.Low, -90),
            ("normal second", "second", JobPriority.Normal, -80),
            ("normal late", "first", JobPriority.Normal, -10),
            ("normal", "first", JobPriority.Normal, -20),
            ("high", "second", JobPriority.High, -5),
            ("elsewhere", "third", JobPriority.High, -99),
        ];
        foreach (var (name, queue, priority, seconds) in made)
        {
            await EnqueueAsync(Job() with { Queue = queue, Priority = priority, DueAt = due.AddSeconds(seconds), Payload = name });
        }

        var order = new List<string>();
        while ((await ClaimAsync(limit: 1, queues: ["first", "second"])).Jobs is [var job])
        {
            order.Add(job.Payload!);
        }

        Assert.Equal(["high", "normal", "normal late", "normal second", "low"], order);
    }

    [Fact]
    public async Task A_claim_reaches_ahead_as_far_as_it_was_asked_to_and_says_what_is_next()
    {
        var due = Time.GetUtcNow().AddSeconds(2);
        await EnqueueAsync(Job() with { DueAt = due });
        await EnqueueAsync(Job() with { DueAt = due.AddSeconds(60) });
        await EnqueueAsync(Job("foreign"));
        var none = await ClaimAsync(ahead: TimeSpan.FromSeconds(1));
        Assert.Empty(none.Jobs);
        Assert.Equal((due, null), (none.NextJob, none.NextSlot));
        Assert.Equal(due, (await ClaimAsync(limit: 0, ahead: TimeSpan.FromHours(1))).NextJob);
        var one = await ClaimAsync(ahead: TimeSpan.FromSeconds(3));
        Assert.Equal(due, Assert.Single(one.Jobs).DueAt);
        Assert.Equal(due.AddSeconds(60), one.NextJob);
        Assert.Null((await ClaimAsync(limit: 1, ahead: TimeSpan.FromHours(1))).NextJob);
        Assert.Equal("foreign", Assert.Single((await ClaimAsync(jobs: ["foreign"])).Jobs).Job);
    }

    [Fact]
    public async Task A_paused_queue_is_left_alone()
    {
        await EnqueueAsync(Job());
        await _store.EditQueueAsync("default", static (queue, now) => queue with { PausedAt = now, PausedReason = "repairs" }, default);
        Assert.Equal((0, null), await ClaimAsync() is var r ? (r.Jobs.Count, r.NextJob) : default);
        Assert.Equal("repairs", Assert.Single(await _store.ListQueuesAsync(default)).PausedReason);
        await _store.EditQueueAsync("default", static (queue, _) => queue with { PausedAt = null, PausedReason = null }, default);
        Assert.Null(Assert.Single(await _store.ListQueuesAsync(default)).PausedAt);
        Assert.Single((await ClaimAsync()).Jobs);
    }

    [Fact]
    public async Task Queues_are_listed_by_name_when_something_waits_in_them_or_is_ruled_of_them()
    {
        await EnqueueAsync(Job() with { Queue = "b" });
        await EnqueueAsync(Job() with { Queue = "b", Delay = TimeSpan.FromHours(1) });
        await EnqueueAsync(Job() with { Queue = "B" });
        await EnqueueAsync(Job() with { Queue = "a", Priority = JobPriority.High });
        await _store.EditQueueAsync("once", static (q, now) => q with { PausedAt = now }, default);
        await _store.EditQueueAsync("once", static (q, _) => q with { PausedAt = null }, default);
        await _store.EditQueueAsync("c", static (q, _) => q with { MaxRunning = 7 }, default);
        var limited = await _store.EditQueueAsync("b", static (q, _) => q with { MaxRunning = 1 }, default);

        Assert.Equal(
            new QueueState
            {
                Name = "b",
                Waiting = 2,
                MaxRunning = 1,
            },
            limited
        );
        var listed = await _store.ListQueuesAsync(default);
        Assert.Equal(["B 1 ", "a 1 ", "b 2 1", "c 0 7"], listed.Select(static q => $"{q.Name} {q.Waiting} {q.MaxRunning}"));
        Assert.Single((await ClaimAsync(queues: ["B"])).Jobs);
        Assert.Equal(["a", "b", "c"], (await _store.ListQueuesAsync(default)).Select(static q => q.Name));
    }

    [Fact]
    public async Task No_more_of_a_queue_is_claimed_than_its_limit_however_many_ask()
    {
        await _store.EnqueueAsync([.. Enumerable.Range(0, 20).Select(_ => Job())], null, default);
        await _store.EnqueueAsync([.. Enumerable.Range(0, 4).Select(_ => Job() with { Queue = "other" })], null, default);
        await _store.EditQueueAsync("default", static (queue, _) => queue with { MaxRunning = 3 }, default);
        Time.Advance(Step);
        var claims = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => Task.Run(async () => await ClaimAsync(queues: ["default", "other"])))
        );
        var jobs = claims.SelectMany(static c => c.Jobs).ToList();
        Assert.Equal((3, 4), (jobs.Count(static j => j.Queue == "default"), jobs.Count(static j => j.Queue == "other")));
        Assert.Null((await ClaimAsync()).NextJob);
        await CompleteAsync(jobs.First(static j => j.Queue == "default"));
        await ClaimOneAsync();
    }

    [Fact]
    public async Task Each_share_of_a_claim_has_its_own_limit_and_what_is_next_is_of_all_of_them()
    {
        var later = TimeSpan.FromMinutes(10);
        var urgent = Enumerable.Range(0, 3).Select(_ => Job() with { Queue = "urgent", Priority = JobPriority.High });
        await _store.EnqueueAsync([.. urgent, Job(), Job() with { DueAt = Time.GetUtcNow() + later }], null, default);
        Time.Advance(Step);
        var request = new ClaimRequest(_node, [new(["urgent"], 2), new(["default"], 10)], ["job"], TimeSpan.Zero);
        var first = await _store.ClaimAsync(request, default);
        Assert.Equal(["default", "urgent", "urgent"], first.Jobs.Select(j => j.Queue).Order());
        Assert.True(request.IsFilledBy(first.Jobs));
        Assert.True(first.NextJob <= first.Now);
        var second = await _store.ClaimAsync(request, default);
        Assert.Equal(["urgent"], second.Jobs.Select(j => j.Queue));
        Assert.False(request.IsFilledBy(second.Jobs));
        Assert.InRange(second.NextJob!.Value - second.Now, later - TimeSpan.FromSeconds(5), later);
        var none = await _store.ClaimAsync(request with { Shares = [] }, default);
        Assert.Empty(none.Jobs);
        Assert.Null(none.NextJob);
    }

    [Fact]
    public async Task What_a_node_claimed_after_a_claim_is_given_back()
    {
        await _store.EnqueueAsync([Job(), Job(), Job()], null, default);
        var first = Assert.Single((await ClaimAsync(limit: 1)).Jobs);
        var second = Assert.Single((await ClaimAsync(limit: 1)).Jobs);
        var other = await _store.JoinAsync("other", Lease, default);
        var others = Assert.Single((await ClaimAsync(limit: 1, node: other)).Jobs);
        await _store.ReleaseAfterAsync(_node, first.Claim, default);
        var again = Assert.Single((await ClaimAsync()).Jobs);
        Assert.Equal(second.Id, again.Id);
        Assert.False(await CompleteAsync(second));
        Assert.True(await CompleteAsync(first));
        Assert.True(await CompleteAsync(others));
    }

    [Fact]
    public async Task A_job_is_claimed_once_however_many_ask_for_it()
    {
        await _store.EnqueueAsync([.. Enumerable.Range(0, 200).Select(_ => Job())], null, default);
        Time.Advance(Step);
        var claims = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        var mine = new List<ClaimedJob>();
                        while (
                            (await _store.ClaimAsync(new(_node, [new(["default"], 10)], ["job"], TimeSpan.FromSeconds(1)), default)).Jobs
                                is { Count: > 0 } jobs
                        )
                        {
                            mine.AddRange(jobs);
                        }

                        return mine;
                    })
                )
        );
        var all = claims.SelectMany(c => c).ToList();
        Assert.Equal((200, 200), (all.Select(j => j.Id).Distinct().Count(), all.Select(j => j.Claim).Distinct().Count()));
        Assert.Equal(200, all.Count);
    }

    [Theory]
    [InlineData(JobDisposition.Finish, JobState.Finished, 1)]
    [InlineData(JobDisposition.Retry, JobState.Ready, 2)]
    [InlineData(JobDisposition.Again, JobState.Ready, 1)]
    [InlineData(JobDisposition.Bury, JobState.Dead, 1)]
    internal async Task What_becomes_of_a_job_is_as_its_outcome_says(JobDisposition then, JobState state, int attempt)
    {
        var id = await EnqueueAsync(Job());
        var job = await ClaimOneAsync();
        var before = Time.GetUtcNow();
        Assert.True(await CompleteAsync(job, ExecutionStatus.Failed, then, TimeSpan.FromSeconds(30)));
        var after = (await _store.FindJobAsync(id, default))!;
        Assert.Equal((state, attempt, "broken"), (after.State, after.Attempt, after.ErrorMessage));
        var execution = Assert.Single(await _store.ListExecutionsAsync(null, id, null, 10, default));
        Assert.Equal(
            (job.Claim, id, null, ExecutionStatus.Failed, "broken", 1, job.DueAt, "node"),
            (
                execution.Id,
                execution.JobId,
                execution.TaskId,
                execution.Status,
                execution.ErrorMessage,
                execution.Attempt,
                execution.ScheduledAt,
                execution.Node
            )
        );
        if (state == JobState.Ready)
        {
            Assert.Equal(before.AddSeconds(30), after.DueAt, TimeSpan.FromSeconds(5));
            Assert.Empty((await ClaimAsync()).Jobs);
            Time.Advance(TimeSpan.FromSeconds(40));
            var again = await ClaimOneAsync();
            Assert.Equal((id, attempt), (again.Id, again.Attempt));
            Assert.True(again.Claim > job.Claim);
        }
    }

    [Fact]
    public async Task A_claim_that_is_no_longer_held_is_refused_and_writes_nothing()
    {
        var id = await EnqueueAsync(Job());
        var stale = await ClaimOneAsync();
        await _store.ReleaseAsync([stale], default);
        var job = await ClaimOneAsync();
        Assert.True(job.Claim > stale.Claim);
        foreach (var then in Enum.GetValues<JobDisposition>())
        {
            Assert.False(await CompleteAsync(stale, ExecutionStatus.Failed, then));
        }

        await _store.ReleaseAsync([stale], default);
        Assert.Equal(JobState.Claimed, await StateAsync(id));
        Assert.Equal([ExecutionStatus.Running], await StatusesAsync(job: id));
        // Of a batch only what is held is recorded.
        var other = await EnqueueAsync(Job());
        var second = await ClaimOneAsync();
        Assert.Equal(
            [second.Claim],
            await _store.CompleteAsync(
                [Outcome(stale, ExecutionStatus.Succeeded), Outcome(second, ExecutionStatus.Succeeded)],
                null,
                null,
                default
            )
        );
        Assert.Equal((JobState.Claimed, JobState.Finished), (await StateAsync(id), await StateAsync(other)));
        Assert.True(await CompleteAsync(job));
        Assert.False(await CompleteAsync(job));
    }

    [Fact]
    public async Task What_is_given_back_is_no_further_attempt()
    {
        var id = await EnqueueAsync(Job());
        await _store.ReleaseAsync([await ClaimOneAsync()], default);
        Assert.Equal(JobState.Ready, await StateAsync(id));
        Assert.Equal(1, (await ClaimOneAsync()).Attempt);
        Assert.Equal([ExecutionStatus.Running], await StatusesAsync(job: id));
    }

    [Fact]
    public async Task What_a_dead_node_had_is_run_again_and_its_outcome_refused()
    {
        var task = await InsertDueAsync("one");
        await MaterializeAsync();
        await EnqueueAsync(Job());
        var held = (await ClaimAsync()).Jobs;
        Assert.Equal(2, held.Count);
        Assert.Same(RescueResult.Nothing, await _store.RescueAsync(new(3, []), default));
        var (dead, result) = (_node, await DieAsync(new(3, [])));
        Assert.Equal(["node"], result.Nodes);
        Assert.Equal(held.Select(j => j.Claim).Order(), result.Jobs.Select(j => j.Claim).Order());
        Assert.All(result.Jobs, j => Assert.Equal(AfterRescue.RunsAgain, j.Then));
        Assert.False((await _store.BeatAsync(dead, Lease, default)).IsAlive);
        Assert.True((await _store.BeatAsync(_node, Lease, default)).IsAlive);
        Assert.All(await Task.WhenAll(held.Select(async j => await CompleteAsync(j))), Assert.False);
        Assert.Equal([ExecutionStatus.Abandoned], await StatusesAsync(task.Id));
        Assert.All((await ClaimAsync()).Jobs, j => Assert.Equal((2, 1), (j.Attempt, j.Abandoned)));
        Assert.Empty((await _store.RescueAsync(new(3, []), default)).Nodes);
    }

    [Fact]
    public async Task A_node_that_was_taken_for_dead_claims_nothing_any_more()
    {
        await EnqueueAsync(Job());
        var dead = _node;
        await DieAsync(new(3, []));
        Assert.Empty((await ClaimAsync(node: dead)).Jobs);
        await ClaimOneAsync();
    }

    [Fact]
    public async Task A_job_that_took_too_many_nodes_down_or_may_run_but_once_is_dead()
    {
        var (poison, once) = (await EnqueueAsync(Job()), await EnqueueAsync(Job("once")));
        var after = await EnqueueAsync(Job("after") with { After = [once], AfterFailure = true });
        await ClaimAsync(jobs: ["job", "once"]);
        var result = await DieAsync(new(2, ["once"]));
        Assert.Equal(
            [(poison, AfterRescue.RunsAgain), (once, AfterRescue.GivenUp)],
            result.Jobs.Select(j => (j.Id, j.Then)).OrderBy(j => j.Then)
        );
        Assert.Equal((JobState.Ready, JobState.Dead), (await StateAsync(poison), await StateAsync(once)));
        Assert.Equal(JobState.Ready, await StateAsync(after));
        await ClaimOneAsync();
        Assert.Equal(AfterRescue.GivenUp, Assert.Single((await DieAsync(new(2, []))).Jobs).Then);
        Assert.Equal(JobState.Dead, await StateAsync(poison));
        Assert.Equal([ExecutionStatus.Abandoned, ExecutionStatus.Abandoned], await StatusesAsync(job: poison));
    }

    [Fact]
    public async Task A_task_goes_on_after_a_run_that_was_given_up()
    {
        var task = await InsertDueAsync("one");
        await MaterializeAsync();
        var job = await ClaimOneAsync();
        Assert.Equal(AfterRescue.GivenUp, Assert.Single((await DieAsync(new(1, []))).Jobs).Then);
        Assert.Equal(JobState.Finished, await StateAsync(job.Id));
        Assert.Equal(ScheduledTaskStatus.Failed, (await _store.FindAsync(task.Id, default))!.Status);
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(await MaterializeAsync());
    }

    [Fact]
    public async Task The_first_waiting_run_takes_the_place_of_one_that_was_given_up()
    {
        var task = await InsertAsync("one");
        await BackfillAsync(task.Id, [Start.AddHours(-1), Start.AddHours(-2)]);
        var first = await ClaimOneAsync();
        await DieAsync(new(1, []));
        Assert.NotEqual(first.Slot, (await ClaimOneAsync()).Slot);
    }

    [Fact]
    public async Task A_node_that_left_is_not_rescued_unless_it_left_something()
    {
        await _store.LeaveAsync(_node, default);
        _node = await _store.JoinAsync("node", Lease, default);
        Assert.Same(RescueResult.Nothing, await _store.RescueAsync(new(3, []), default));
        await EnqueueAsync(Job());
        await ClaimOneAsync();
        await _store.LeaveAsync(_node, default);
        Time.Advance(Step);
        _node = await _store.JoinAsync("node", Lease, default);
        Assert.Single((await _store.RescueAsync(new(3, []), default)).Jobs);
    }

    [Fact]
    public async Task What_was_held_when_the_process_ended_is_given_back_after_a_restart()
    {
        var id = await EnqueueAsync(Job());
        await ClaimOneAsync();
        await CloseAsync();
        await ReopenAsync();
        Time.Advance(Lease + TimeSpan.FromSeconds(1));
        await _store.BeatAsync(_node, Lease, default);
        Assert.Equal(id, Assert.Single((await _store.RescueAsync(new(3, []), default)).Jobs).Id);
        Assert.Equal(2, (await ClaimOneAsync()).Attempt);
    }

    [Fact]
    public async Task Progress_is_seen_until_the_next_run()
    {
        var id = await EnqueueAsync(Job());
        var job = await ClaimOneAsync();
        await _store.ReportAsync(_node, [(job.Claim, new JobProgress(0.25, "a quarter"))], default);
        Assert.Equal(new JobProgress(0.25, "a quarter"), (await _store.FindJobAsync(id, default))!.Progress);
        await _store.ReportAsync(_node + 1, [(job.Claim, new JobProgress(0.5, null))], default);
        Assert.Equal(0.25, (await _store.FindJobAsync(id, default))!.Progress!.Fraction);
        await CompleteAsync(job, ExecutionStatus.Interrupted, JobDisposition.Again);
        await ClaimOneAsync();
        Assert.Null((await _store.FindJobAsync(id, default))!.Progress);
    }

    [Fact]
    public async Task History_is_paged_newest_first_and_outlives_its_task()
    {
        var task = await RunManyAsync("one", 5);
        await RunManyAsync("two", 1);
        var all = await _store.ListExecutionsAsync(task.Id, null, null, 10, default);
        Assert.Equal(5, all.Count);
        Assert.Equal(all.Select(e => e.Id).OrderDescending(), all.Select(e => e.Id));
        await _store.DeleteAsync(task.Id, null, default, default);
        Assert.Equal(all.Take(3), await _store.ListExecutionsAsync(task.Id, null, null, 3, default));
        Assert.Equal(all.Skip(3), await _store.ListExecutionsAsync(task.Id, null, all[2].Id, 3, default));
        Assert.Equal([all[1]], await _store.ListExecutionsAsync(null, all[1].JobId, null, 10, default));
        Assert.Equal(6, (await _store.ListExecutionsAsync(null, null, null, 10, default)).Count);
    }

    [Fact]
    public async Task A_run_is_seen_while_it_lasts_and_not_before_it_is_due()
    {
        var id = await EnqueueAsync(Job() with { Delay = TimeSpan.FromSeconds(2) });
        var job = Assert.Single((await ClaimAsync(ahead: TimeSpan.FromSeconds(3))).Jobs);
        Assert.Empty(await StatusesAsync(job: id));
        Time.Advance(TimeSpan.FromSeconds(3));
        var running = Assert.Single(await _store.ListExecutionsAsync(null, id, null, 10, default));
        Assert.Equal((job.Claim, ExecutionStatus.Running, null), (running.Id, running.Status, running.CompletedAt));
    }

    [Fact]
    public async Task Pruning_takes_what_ended_before_up_to_the_limit()
    {
        var old = await RunManyAsync("old", 5);
        Time.Advance(TimeSpan.FromHours(1));
        var middle = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromHours(1));
        var recent = await RunManyAsync("recent", 2);
        Assert.Equal(2, await _store.PruneExecutionsAsync(middle, 2, default));
        Assert.Equal(3, (await StatusesAsync(old.Id)).Length);
        Assert.Equal(3, await _store.PruneExecutionsAsync(middle, 100, default));
        Assert.Equal(0, await _store.PruneExecutionsAsync(middle, 100, default));
        Assert.Equal((0, 2), ((await StatusesAsync(old.Id)).Length, (await StatusesAsync(recent.Id)).Length));
    }

    /// <summary>The node is not heard of for longer than its lease; another joins and looks after its work.</summary>
    private async ValueTask<RescueResult> DieAsync(RescueRequest request)
    {
        Time.Advance(Lease + TimeSpan.FromSeconds(1));
        _node = await _store.JoinAsync("other", Lease, default);
        return await _store.RescueAsync(request, default);
    }

    private async ValueTask<ScheduledTask> RunManyAsync(string name, int times)
    {
        var task = await InsertAsync(name);
        for (int i = 0; i < times; i++)
        {
            await TriggerAsync(task.Id);
            Assert.True(await CompleteAsync(await ClaimOneAsync()));
        }

        return task;
    }

    private ValueTask SqlAsync(Func<string, string> sql) =>
        InTransactionAsync(
            async (transaction, prefix) =>
            {
                await using var command = transaction.Connection!.CreateCommand();
                command.Transaction = transaction;
                command.CommandText = sql(prefix);
                await command.ExecuteNonQueryAsync();
            }
        );
}
