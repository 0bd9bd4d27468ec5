using Autom8.Scheduling;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;

namespace Autom8.Testing.Scheduling;

/// <content>Enqueueing, and what may be done to a job.</content>
public abstract partial class SchedulerStoreContract
{
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(600)]
    public async Task What_was_enqueued_is_there_to_be_read_and_claimed(int count)
    {
        NewJob[] jobs =
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    Job() with
                    {
                        Payload = $"{{\"n\":{i}}}",
                        Policy = "{\"timeoutMs\":5}",
                        Delay = TimeSpan.FromMilliseconds(i % 3),
                    }
                ),
        ];
        Assert.Equal(jobs.Select(j => j.Id), await _store.EnqueueAsync(jobs, null, default));
        var claimed = (await ClaimAsync(limit: 1_000)).Jobs.ToDictionary(j => j.Id);
        Assert.Equal(count, claimed.Count);
        Assert.Equal(count, claimed.Values.Select(j => j.Claim).Distinct().Count());
        Assert.All(
            jobs,
            j =>
                Assert.Equal(
                    (j.Payload, j.Policy, 1, 0, "default", JobPriority.Normal),
                    (
                        claimed[j.Id].Payload,
                        claimed[j.Id].Policy,
                        claimed[j.Id].Attempt,
                        claimed[j.Id].Abandoned,
                        claimed[j.Id].Queue,
                        claimed[j.Id].Priority
                    )
                )
        );
        var read = (await _store.FindJobAsync(jobs[0].Id, default))!;
        Assert.Equal((JobState.Claimed, "node", jobs[0].Payload), (read.State, read.Node, read.Payload));
    }

    [Fact]
    public async Task Jobs_are_listed_by_id_a_page_at_a_time_and_by_state()
    {
        NewJob[] jobs = [.. Enumerable.Range(0, 5).Select(i => Job() with { Id = new Guid(i + 1, 0, 0, new byte[8]) })];
        await _store.EnqueueAsync(jobs, null, default);
        var claimed = Assert.Single((await ClaimAsync(limit: 1)).Jobs);
        Assert.Equal(jobs.Take(2).Select(j => j.Id), (await _store.ListJobsAsync(null, null, 2, default)).Select(j => j.Id));
        Assert.Equal(jobs.Skip(3).Select(j => j.Id), (await _store.ListJobsAsync(null, jobs[2].Id, 10, default)).Select(j => j.Id));
        Assert.Equal(claimed.Id, Assert.Single(await _store.ListJobsAsync(JobState.Claimed, null, 10, default)).Id);
        Assert.Equal(4, (await _store.ListJobsAsync(JobState.Ready, null, 10, default)).Count);
    }

    [Fact]
    public async Task A_unique_key_is_taken_until_its_job_is_finished()
    {
        var first = await EnqueueAsync(Job() with { UniqueKey = "k" });
        Assert.Equal(first, await EnqueueAsync(Job() with { UniqueKey = "k" }));
        var other = await EnqueueAsync(Job() with { UniqueKey = "other" });
        Assert.NotEqual(first, other);
        var jobs = (await ClaimAsync()).Jobs;
        Assert.Equal(2, jobs.Count);
        Assert.Equal(first, await EnqueueAsync(Job() with { UniqueKey = "k" }));
        Assert.True(await CompleteAsync(jobs.Single(j => j.Id == first)));
        Assert.NotEqual(first, await EnqueueAsync(Job() with { UniqueKey = "k" }));
        Assert.True(
            await _store.CancelAsync(other, default) && await CompleteAsync(jobs.Single(j => j.Id == other), ExecutionStatus.Cancelled)
        );
        Assert.NotEqual(other, await EnqueueAsync(Job() with { UniqueKey = "other" }));
    }

    [Fact]
    public async Task Of_many_of_one_key_at_once_one_is_added()
    {
        var ids = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await EnqueueAsync(Job() with { UniqueKey = "k" })))
        );
        Assert.Single(ids.Distinct());
        Assert.Equal(ids[0], Assert.Single(await _store.ListJobsAsync(null, null, 10, default)).Id);
    }

    [Fact]
    public async Task Batches_with_the_same_keys_in_opposite_order_are_answered_alike()
    {
        for (var round = 0; round < 30; round++)
        {
            var keys = Enumerable.Range(0, 8).Select(i => $"{round} {i}").ToArray();
            var ids = await Task.WhenAll(EnqueueAllAsync(keys), EnqueueAllAsync([.. keys.Reverse()]));
            Assert.Equal(ids[0], ids[1].Reverse());
            Assert.Equal(keys.Length, ids[0].Distinct().Count());
        }

        Task<Guid[]> EnqueueAllAsync(string[] keys) =>
            Task.Run(async () => await _store.EnqueueAsync([.. keys.Select(k => Job() with { UniqueKey = k })], null, default));
    }

    [Fact]
    public async Task Batches_and_the_ends_of_what_has_their_keys_and_what_they_wait_for_go_on_side_by_side()
    {
        for (var round = 0; round < 15; round++)
        {
            var keys = Enumerable.Range(0, 6).Select(i => $"{round} {i}").ToArray();
            var first = await _store.EnqueueAsync([.. keys.Select(k => Job() with { UniqueKey = k })], null, default);
            var claimed = (await ClaimAsync()).Jobs;
            Assert.Equal(keys.Length, claimed.Count);
            var next = keys.Zip(first)
                .Select((x, i) => i % 2 == 0 ? Job() with { UniqueKey = x.First } : Job("other") with { After = [x.Second] });
            await Task.WhenAll(
                Task.Run(async () => await _store.EnqueueAsync([.. next.Reverse()], null, default)),
                Task.Run(async () =>
                    await _store.CompleteAsync([.. claimed.Select(j => Outcome(j, ExecutionStatus.Succeeded))], null, null, default)
                )
            );
            await CompleteAsync((await ClaimAsync()).Jobs);
            await CompleteAsync((await ClaimAsync(jobs: ["other"])).Jobs);
            Assert.Empty(await _store.ListJobsAsync(null, null, 10, default));
        }

        async Task CompleteAsync(IReadOnlyList<ClaimedJob> jobs) =>
            await _store.CompleteAsync([.. jobs.Select(j => Outcome(j, ExecutionStatus.Succeeded))], null, null, default);
    }

    [Fact]
    public async Task Of_those_of_a_batch_that_have_one_key_the_first_is_added_and_the_others_are_it()
    {
        NewJob[] jobs = [Job() with { UniqueKey = "b" }, Job() with { UniqueKey = "a" }, Job() with { UniqueKey = "b" }, Job()];
        Assert.Equal([jobs[0].Id, jobs[1].Id, jobs[0].Id, jobs[3].Id], await _store.EnqueueAsync(jobs, null, default));
        Assert.Equal(3, (await _store.ListJobsAsync(null, null, 10, default)).Count);
    }

    [Fact]
    public async Task A_unique_key_with_a_time_is_taken_that_long()
    {
        var job = Job() with { UniqueKey = "k", UniqueFor = TimeSpan.FromMinutes(1) };
        var first = await EnqueueAsync(job);
        Assert.True(await CompleteAsync(await ClaimOneAsync()));
        Assert.Equal(first, await EnqueueAsync(Job() with { UniqueKey = "k" }));
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(first, await EnqueueAsync(Job() with { UniqueKey = "k" }));
    }

    [Fact]
    public async Task Debounced_jobs_are_one_with_the_last_payload_and_time()
    {
        var due = Time.GetUtcNow().AddSeconds(10);
        var first = await EnqueueAsync(Job() with { DebounceKey = "k", Payload = "1" });
        Assert.Equal(first, await EnqueueAsync(Job() with { DebounceKey = "k", Payload = "2", DueAt = due }));
        Assert.Empty((await ClaimAsync()).Jobs);
        Time.Advance(TimeSpan.FromSeconds(10));
        var job = await ClaimOneAsync();
        Assert.Equal((first, "2", due), (job.Id, job.Payload, job.DueAt));
        var second = await EnqueueAsync(Job() with { DebounceKey = "k" });
        Assert.NotEqual(first, second);
        // Given back, it does not meet the one that came after it.
        await _store.ReleaseAsync([job], default);
        Assert.Equal(2, (await ClaimAsync()).Jobs.Count);
    }

    [Fact]
    public async Task A_job_becomes_ready_when_all_that_it_waits_for_have_succeeded()
    {
        var (a, b) = (await EnqueueAsync(Job()), await EnqueueAsync(Job()));
        var c = await EnqueueAsync(Job("other") with { After = [a, b, a] });
        var jobs = (await ClaimAsync(jobs: ["job", "other"])).Jobs;
        Assert.Equal(2, jobs.Count);
        await CompleteAsync(jobs[0]);
        Assert.Equal(JobState.WaitingForJobs, await StateAsync(c));
        await CompleteAsync(jobs[1]);
        Assert.Equal(JobState.Ready, await StateAsync(c));
        // What has succeeded already is not waited for.
        Assert.Equal(JobState.Ready, await StateAsync(await EnqueueAsync(Job() with { After = [a] })));
    }

    [Fact]
    public async Task What_waits_for_a_dead_job_waits_until_it_is_requeued_and_goes_with_it_when_it_is_cancelled()
    {
        var a = await EnqueueAsync(Job());
        var b = await EnqueueAsync(Job("other") with { After = [a] });
        var c = await EnqueueAsync(Job("other") with { After = [b] });
        var whatever = await EnqueueAsync(Job("other") with { After = [a], AfterFailure = true });
        await CompleteAsync(await ClaimOneAsync(), ExecutionStatus.Failed, JobDisposition.Bury);
        Assert.Equal((JobState.WaitingForJobs, JobState.Ready), (await StateAsync(b), await StateAsync(whatever)));
        Assert.True(await _store.RequeueAsync(a, default));
        await CompleteAsync(await ClaimOneAsync(), ExecutionStatus.Failed, JobDisposition.Bury);
        Assert.True(await _store.CancelAsync(a, default));
        Assert.Equal((JobState.Dead, JobState.WaitingForJobs), (await StateAsync(b), await StateAsync(c)));
        Assert.True(await _store.CancelAsync(b, default));
        Assert.Equal(JobState.Dead, await StateAsync(c));
        await AssertRefusedAsync(SchedulingError.Invalid, Job() with { After = [a] });
        Assert.Equal(JobState.Ready, await StateAsync(await EnqueueAsync(Job() with { After = [a], AfterFailure = true })));
        await AssertRefusedAsync(SchedulingError.UnknownJob, Job() with { After = [Guid.CreateVersion7()] });
    }

    [Fact]
    public async Task A_job_is_not_ready_when_one_that_it_needs_succeeds_while_another_does_not()
    {
        var (a, b) = (await EnqueueAsync(Job()), await EnqueueAsync(Job()));
        var c = await EnqueueAsync(Job("other") with { After = [a, b] });
        var jobs = (await ClaimAsync()).Jobs;
        Assert.True(await _store.CancelAsync(jobs[1].Id, default));
        await _store.CompleteAsync(
            [Outcome(jobs[0], ExecutionStatus.Succeeded), Outcome(jobs[1], ExecutionStatus.Cancelled)],
            null,
            null,
            default
        );
        Assert.Equal(JobState.Dead, await StateAsync(c));
    }

    [Fact]
    public virtual async Task What_is_enqueued_in_a_transaction_is_there_if_it_commits()
    {
        NewJob[] rolledBack = [Job(), Job() with { UniqueKey = "k" }];
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await InTransactionAsync(
                async (transaction, _) =>
                {
                    await _store.EnqueueAsync(rolledBack, transaction, default);
                    throw new InvalidOperationException("no");
                }
            )
        );
        Assert.Empty(await _store.ListJobsAsync(null, null, 10, default));
        NewJob[] committed = [Job(), Job() with { UniqueKey = "k" }];
        await InTransactionAsync(
            async (transaction, _) => Assert.Equal(committed.Select(j => j.Id), await _store.EnqueueAsync(committed, transaction, default))
        );
        Assert.Equal(committed.Select(j => j.Id).Order(), (await ClaimAsync()).Jobs.Select(j => j.Id).Order());
    }

    [Fact]
    public virtual async Task What_completes_in_a_transaction_that_is_rolled_back_is_still_claimed()
    {
        var id = await EnqueueAsync(Job());
        var job = await ClaimOneAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await InTransactionAsync(
                async (transaction, _) =>
                {
                    Assert.Single(await _store.CompleteAsync([Outcome(job, ExecutionStatus.Succeeded)], transaction, null, default));
                    throw new InvalidOperationException("no");
                }
            )
        );
        Assert.Equal(JobState.Claimed, await StateAsync(id));
        await InTransactionAsync(
            async (transaction, _) => await _store.CompleteAsync([Outcome(job, ExecutionStatus.Succeeded)], transaction, null, default)
        );
        Assert.Equal(JobState.Finished, await StateAsync(id));
    }

    [Fact]
    public async Task A_waiting_job_is_cancelled_at_once_and_a_claimed_one_by_way_of_its_node()
    {
        var (waiting, claimed) = (await EnqueueAsync(Job() with { Delay = TimeSpan.FromHours(1) }), await EnqueueAsync(Job()));
        var job = await ClaimOneAsync();
        Assert.True(await _store.CancelAsync(waiting, default));
        Assert.Equal(JobState.Finished, await StateAsync(waiting));
        Assert.Equal([ExecutionStatus.Cancelled], await StatusesAsync(job: waiting));
        Assert.False(await _store.CancelAsync(waiting, default));

        Assert.True(await _store.CancelAsync(claimed, default));
        Assert.Equal([job.Claim], (await _store.BeatAsync(_node, Lease, default)).Cancelled);
        Assert.True(await CompleteAsync(job, ExecutionStatus.Cancelled));
        Assert.Empty((await _store.BeatAsync(_node, Lease, default)).Cancelled);
        Assert.False(await _store.CancelAsync(claimed, default));
        Assert.False(await _store.CancelAsync(Guid.CreateVersion7(), default));
    }

    /// <param name="status">How the run ended that was not told any more.</param>
    /// <param name="then">What would have come of the job.</param>
    [Theory]
    [InlineData(ExecutionStatus.Failed, JobDisposition.Retry)]
    [InlineData(ExecutionStatus.Failed, JobDisposition.Bury)]
    [InlineData(ExecutionStatus.Snoozed, JobDisposition.Again)]
    [InlineData(ExecutionStatus.Interrupted, JobDisposition.Again)]
    internal async Task A_cancellation_holds_though_the_run_ended_otherwise(ExecutionStatus status, JobDisposition then)
    {
        var id = await EnqueueAsync(Job());
        var after = await EnqueueAsync(Job("after") with { After = [id], AfterFailure = true });
        var job = await ClaimOneAsync();
        Assert.True(await _store.CancelAsync(id, default));
        Assert.True(await CompleteAsync(job, status, then));
        Assert.Equal((JobState.Finished, JobState.Ready), (await StateAsync(id), await StateAsync(after)));
        Assert.Equal([ExecutionStatus.Cancelled, status], await StatusesAsync(job: id));
    }

    [Fact]
    public async Task A_cancellation_holds_though_the_job_was_given_back()
    {
        var (id, other) = (await EnqueueAsync(Job()), await EnqueueAsync(Job()));
        var jobs = (await ClaimAsync()).Jobs;
        Assert.True(await _store.CancelAsync(id, default));
        await _store.ReleaseAsync(jobs, default);
        Assert.Equal((JobState.Finished, JobState.Ready), (await StateAsync(id), await StateAsync(other)));
        Assert.Equal([ExecutionStatus.Cancelled], await StatusesAsync(job: id));
    }

    [Fact]
    public async Task A_cancellation_holds_though_the_node_died_that_was_told()
    {
        var id = await EnqueueAsync(Job());
        var after = await EnqueueAsync(Job("after") with { After = [id] });
        var task = await InsertAsync("one");
        await BackfillAsync(task.Id, [Start.AddHours(-1), Start.AddHours(-2)]);
        var claimed = (await ClaimAsync()).Jobs;
        Assert.Equal(2, claimed.Count);
        Assert.All(await Task.WhenAll(claimed.Select(async j => await _store.CancelAsync(j.Id, default))), Assert.True);
        Assert.All((await DieAsync(new(3, []))).Jobs, j => Assert.Equal(AfterRescue.Cancelled, j.Then));
        Assert.Equal((JobState.Finished, JobState.Dead), (await StateAsync(id), await StateAsync(after)));
        Assert.Equal([ExecutionStatus.Cancelled, ExecutionStatus.Abandoned], await StatusesAsync(job: id));
        Assert.Equal([ExecutionStatus.Cancelled, ExecutionStatus.Abandoned], await StatusesAsync(task.Id));
        // The run that waited for its turn has it.
        Assert.DoesNotContain((await ClaimOneAsync()).Slot, claimed.Select(j => j.Slot));
    }

    [Fact]
    public async Task A_dead_job_is_kept_until_it_is_requeued()
    {
        var id = await EnqueueAsync(Job());
        Assert.False(await _store.RequeueAsync(id, default));
        await CompleteAsync(await ClaimOneAsync(), ExecutionStatus.Failed, JobDisposition.Bury);
        var dead = (await _store.FindJobAsync(id, default))!;
        Assert.Equal((JobState.Dead, "broken"), (dead.State, dead.ErrorMessage));
        Assert.Empty((await ClaimAsync()).Jobs);
        Assert.True(await _store.RequeueAsync(id, default));
        var job = await ClaimOneAsync();
        Assert.Equal((id, 1, 0), (job.Id, job.Attempt, job.Abandoned));
    }

    private async Task AssertRefusedAsync(SchedulingError expected, NewJob job) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<SchedulingException>(async () => await EnqueueAsync(job))).Error);
}
