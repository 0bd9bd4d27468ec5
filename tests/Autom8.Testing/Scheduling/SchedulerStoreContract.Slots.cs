using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;

namespace Autom8.Testing.Scheduling;

/// <content>Occurrences become jobs.</content>
public abstract partial class SchedulerStoreContract
{
    [Fact]
    public async Task An_occurrence_becomes_one_job_whoever_decides_on_it()
    {
        var task = await InsertDueAsync("one", t => t with { Schedule = "0 * * * *", Payload = "1" });
        var steps = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await MaterializeAsync())));
        Assert.Equal(SlotKind.Run, Assert.Single(steps.SelectMany(s => s)).Kind);
        Assert.True((await _store.FindAsync(task.Id, default))!.NextRun > Time.GetUtcNow());

        var job = await ClaimOneAsync();
        Assert.Equal((task.Id, "one", task.NextRun, "1"), (job.TaskId!.Value, job.TaskName, job.Slot, job.Payload));
        Assert.Equal(task.NextRun, job.DueAt);
        var stored = (await _store.FindAsync(task.Id, default))!;
        Assert.Equal((ScheduledTaskStatus.Running, null), (stored.Status, stored.LastRun));
        Assert.True(await CompleteAsync(job));
        stored = (await _store.FindAsync(task.Id, default))!;
        Assert.Equal((ScheduledTaskStatus.Succeeded, 1L), (stored.Status, stored.Version));
        Assert.NotNull(stored.LastRun);
    }

    [Fact]
    public async Task Only_what_is_near_enabled_and_known_becomes_a_job()
    {
        var now = Time.GetUtcNow();
        await _store.InsertAsync(Draft("foreign", now) with { Job = "other" }, default, default);
        await _store.InsertAsync(Draft("paused", now) with { Enabled = false }, default, default);
        await _store.InsertAsync(Draft("far", now.AddSeconds(20)), default, default);
        Assert.Empty(await MaterializeAsync());
        Assert.Equal(now.AddSeconds(20), (await ClaimAsync()).NextSlot);
        await _store.InsertAsync(Draft("near", Time.GetUtcNow().AddSeconds(1.2)), default, default);
        Assert.Equal("near", Assert.Single(await MaterializeAsync()).Task.Name);
        Assert.Empty((await ClaimAsync()).Jobs);
        Assert.Single((await ClaimAsync(ahead: Ahead)).Jobs);
    }

    [Fact]
    public async Task An_occurrence_while_the_task_runs_is_left_out()
    {
        await InsertDueAsync("one");
        await MaterializeAsync();
        var job = await ClaimOneAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SlotKind.SkipOverlap, Assert.Single(await MaterializeAsync()).Kind);
        Assert.Empty((await ClaimAsync()).Jobs);
        Assert.True(await CompleteAsync(job));
    }

    [Fact]
    public async Task A_replaced_run_is_fenced()
    {
        var task = await InsertDueAsync("one", t => t with { Overlap = OverlapPolicy.Replace });
        await MaterializeAsync();
        var replaced = await ClaimOneAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SlotKind.Replace, Assert.Single(await MaterializeAsync()).Kind);
        var job = await ClaimOneAsync();
        Assert.False(await CompleteAsync(replaced));
        Assert.True(await CompleteAsync(job));
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Cancelled], await StatusesAsync(task.Id));
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_read_fails_for_all_to_see()
    {
        var task = await InsertDueAsync("one", t => t with { TimeZone = "Mars/Olympus" });
        await InsertDueAsync("other");
        Assert.Equal(
            [("one", SlotKind.Fault), ("other", SlotKind.Run)],
            (await MaterializeAsync()).Select(s => (s.Task.Name, s.Kind)).OrderBy(s => s.Name, StringComparer.Ordinal)
        );
        var failed = Assert.Single(await _store.ListExecutionsAsync(task.Id, null, null, 10, default));
        Assert.Equal((ExecutionStatus.Failed, task.NextRun, "node"), (failed.Status, failed.ScheduledAt, failed.Node));
        var stored = (await _store.FindAsync(task.Id, default))!;
        Assert.Equal((null, ScheduledTaskStatus.Failed), (stored.NextRun, stored.Status));
        Assert.Equal("other", (await ClaimOneAsync()).TaskName);
    }

    [Fact]
    public async Task What_was_set_ready_ahead_of_its_time_is_taken_back_when_the_schedule_changes()
    {
        var now = Time.GetUtcNow();
        var (ready, claimed) = (Draft("ready", now.AddSeconds(20)), Draft("claimed", now.AddSeconds(20)));
        await _store.InsertAsync(ready, default, default);
        await _store.InsertAsync(claimed, default, default);
        Time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(2, (await MaterializeAsync()).Count);
        var jobs = (await ClaimAsync(ahead: Ahead)).Jobs;
        await _store.ReleaseAsync([jobs.Single(j => j.TaskId == ready.Id)], default);
        foreach (var task in (ScheduledTask[])[ready, claimed])
        {
            await _store.EditAsync(
                task.Id,
                null,
                (t, _) => new(TaskChangeAction.Paused, t with { Enabled = false, NextRun = null }, ["Enabled"]),
                default,
                default
            );
        }

        Assert.Null(await StateAsync(jobs.Single(j => j.TaskId == ready.Id).Id));
        var told = jobs.Single(j => j.TaskId == claimed.Id);
        Assert.Equal([told.Claim], (await _store.BeatAsync(_node, Lease, default)).Cancelled);
    }

    [Fact]
    public async Task With_a_task_go_its_jobs_that_have_not_begun()
    {
        var task = await InsertDueAsync("one", t => t with { MaxActive = 2 });
        await MaterializeAsync();
        var running = await ClaimOneAsync();
        await TriggerAsync(task.Id);
        Assert.Equal(2, (await _store.ListJobsAsync(null, null, 10, default)).Count);
        await _store.DeleteAsync(task.Id, null, default, default);
        Assert.Equal(running.Id, Assert.Single(await _store.ListJobsAsync(null, null, 10, default)).Id);
        Assert.True(await CompleteAsync(running));
        Assert.Equal([ExecutionStatus.Succeeded], await StatusesAsync(task.Id));
    }

    [Fact]
    public async Task Triggers_before_the_start_are_one_run_even_of_a_paused_task()
    {
        var task = Draft("one") with { Enabled = false };
        await _store.InsertAsync(task, default, default);
        Assert.Equal(1, await TriggerAsync(task.Id));
        Time.Advance(Step);
        Assert.Equal(0, await TriggerAsync(task.Id));
        var job = await ClaimOneAsync();
        Assert.Equal(1, await TriggerAsync(task.Id));
        Assert.Empty((await ClaimAsync()).Jobs);
        Assert.True(await CompleteAsync(job));
        Assert.True(await CompleteAsync(await ClaimOneAsync()));
        Assert.Empty((await ClaimAsync()).Jobs);
    }

    [Fact]
    public async Task A_backfill_runs_each_occurrence_once_and_no_more_at_a_time_than_the_task_may()
    {
        var task = await InsertAsync("one", t => t with { MaxActive = 2 });
        var slots = Enumerable.Range(0, 5).Select(i => Start.AddHours(-i - 1)).ToArray();
        Assert.Equal(5, await BackfillAsync(task.Id, slots));
        Assert.Equal(0, await BackfillAsync(task.Id, slots));
        Assert.Equal(3, (await _store.ListJobsAsync(JobState.WaitingForTask, null, 10, default)).Count);
        var run = new List<DateTimeOffset?>();
        for (var left = 5; left > 0; )
        {
            var jobs = (await ClaimAsync()).Jobs;
            Assert.InRange(jobs.Count, 1, 2);
            foreach (var job in jobs)
            {
                run.Add(job.Slot);
                Assert.True(await CompleteAsync(job));
                left--;
            }
        }

        Assert.Equal(slots.Order(), run.Select(s => s!.Value).Order());
        Assert.Equal(0, await _store.PromoteAsync(default));
    }

    [Fact]
    public async Task The_first_waiting_run_takes_the_place_of_one_that_was_cancelled()
    {
        var task = await InsertAsync("one");
        await BackfillAsync(task.Id, [Start.AddHours(-1), Start.AddHours(-2)]);
        var ready = Assert.Single(await _store.ListJobsAsync(JobState.Ready, null, 10, default));
        Assert.True(await _store.CancelAsync(ready.Id, default));
        Assert.NotEqual(ready.Id, (await ClaimOneAsync()).Id);
        Assert.Equal([ExecutionStatus.Running, ExecutionStatus.Cancelled], await StatusesAsync(task.Id));
    }

    /// <param name="maxActive">How many runs of the task there may be: with one, the occurrence that was set ready stands in the way of none but itself.</param>
    /// <param name="told">Whether its node heard of the pause: not, in time, or only after the task was resumed.</param>
    [Theory]
    [InlineData(1, "never")]
    [InlineData(1, "before")]
    [InlineData(1, "after")]
    [InlineData(3, "never")]
    [InlineData(3, "before")]
    [InlineData(3, "after")]
    public async Task An_occurrence_that_was_set_ready_is_run_once_when_its_task_is_paused_and_resumed_before_it(int maxActive, string told)
    {
        var (task, job, due) = await SetReadyAsync(maxActive);
        await EnableAsync(task.Id, null);
        IReadOnlyList<long> heard = told == "never" ? [] : (await _store.BeatAsync(_node, Lease, default)).Cancelled;
        Assert.Equal(told == "never" ? [] : [job.Claim], heard);
        if (told == "before")
        {
            Assert.True(await CompleteAsync(job, ExecutionStatus.Cancelled));
        }

        await EnableAsync(task.Id, due);
        Assert.Equal(SlotKind.Run, Assert.Single(await MaterializeAsync()).Kind);
        Assert.Empty((await _store.BeatAsync(_node, Lease, default)).Cancelled);
        if (told == "after")
        {
            Assert.True(await CompleteAsync(job, ExecutionStatus.Cancelled));
        }

        Time.Advance(TimeSpan.FromSeconds(1));
        if (told != "never")
        {
            var again = Assert.Single((await ClaimAsync()).Jobs);
            Assert.Equal((due, due), (again.Slot, again.DueAt));
            Assert.False(await CompleteAsync(job));
            job = again;
        }

        Assert.True(await CompleteAsync(job));
        Assert.Empty(await _store.ListJobsAsync(null, null, 10, default));
        Assert.Equal(
            told == "before" ? [ExecutionStatus.Succeeded, ExecutionStatus.Cancelled] : [ExecutionStatus.Succeeded],
            await StatusesAsync(task.Id)
        );
        Assert.True((await _store.FindAsync(task.Id, default))!.NextRun > due);
        Assert.Empty(await MaterializeAsync());
    }

    [Fact]
    public async Task A_run_that_was_told_to_stop_by_a_pause_that_is_over_is_run_again()
    {
        var (task, job, due) = await SetReadyAsync(maxActive: 1);
        await EnableAsync(task.Id, null);
        await EnableAsync(task.Id, due);
        await MaterializeAsync();
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await CompleteAsync(job, ExecutionStatus.Cancelled));
        var again = await ClaimOneAsync();
        Assert.Equal((job.Id, due, 1), (again.Id, again.Slot, again.Attempt));
        Assert.True(await CompleteAsync(again));
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Interrupted], await StatusesAsync(task.Id));
    }

    [Fact]
    public async Task Of_two_occurrences_that_were_set_ready_the_one_that_is_gone_comes_back_and_the_other_stays()
    {
        var now = Time.GetUtcNow();
        var (first, second) = (now.AddSeconds(20), now.AddSeconds(21));
        var task = await InsertAsync("one", t => t with { Schedule = "* * * * * *", NextRun = first, MaxActive = 2 });
        Time.Advance(TimeSpan.FromSeconds(19.6));
        Assert.Equal([first, second], Assert.Single(await MaterializeAsync()).Slots);
        var jobs = (await _store.ClaimAsync(new(_node, [new(["default"], 10)], ["job"], Ahead), default)).Jobs;
        await EnableAsync(task.Id, null);
        Assert.True(await CompleteAsync(jobs.Single(j => j.Slot == first), ExecutionStatus.Cancelled));
        await EnableAsync(task.Id, first);
        await MaterializeAsync();
        await MaterializeAsync();
        Assert.Empty((await _store.BeatAsync(_node, Lease, default)).Cancelled);
        Assert.Equal([first, second], (await _store.ListJobsAsync(null, null, 10, default)).Select(j => j.DueAt).Order());
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("replace")]
    [InlineData("take back")]
    public async Task What_waits_for_a_job_that_goes_with_its_task_ends_as_after_a_cancellation(string how)
    {
        var task =
            how == "take back"
                ? await InsertAsync("one", t => t with { NextRun = Time.GetUtcNow().AddSeconds(1.2) })
                : await InsertDueAsync("one", t => t with { Overlap = OverlapPolicy.Replace });
        await MaterializeAsync();
        var job = Assert.Single(await _store.ListJobsAsync(null, null, 10, default));
        var dependent = await EnqueueAsync(Job("other") with { After = [job.Id] });
        var furtherOne = await EnqueueAsync(Job("other") with { After = [dependent] });
        var whatever = await EnqueueAsync(Job("other") with { After = [job.Id], AfterFailure = true });
        Assert.Equal(JobState.WaitingForJobs, await StateAsync(whatever));
        switch (how)
        {
            case "delete":
                await _store.DeleteAsync(task.Id, null, default, default);
                break;
            case "replace":
                await ClaimOneAsync();
                Time.Advance(TimeSpan.FromMinutes(1));
                Assert.Equal(SlotKind.Replace, Assert.Single(await MaterializeAsync()).Kind);
                break;
            default:
                await EnableAsync(task.Id, null);
                break;
        }

        Assert.DoesNotContain(await _store.ListJobsAsync(null, null, 10, default), j => j.Id == job.Id);
        Assert.Equal(JobState.Ready, await StateAsync(whatever));
        Assert.Equal(JobState.Dead, await StateAsync(dependent));
        // As behind any dead job: whoever requeues it lets the next one go on.
        Assert.Equal(JobState.WaitingForJobs, await StateAsync(furtherOne));
    }

    private async ValueTask<(ScheduledTask Task, ClaimedJob Job, DateTimeOffset Due)> SetReadyAsync(int maxActive)
    {
        var due = Time.GetUtcNow().AddSeconds(20);
        var task = await InsertAsync("one", t => t with { NextRun = due, MaxActive = maxActive });
        Time.Advance(TimeSpan.FromSeconds(19.2));
        Assert.Equal(SlotKind.Run, Assert.Single(await MaterializeAsync()).Kind);
        return (task, Assert.Single((await _store.ClaimAsync(new(_node, [new(["default"], 10)], ["job"], Ahead), default)).Jobs), due);
    }

    /// <summary>Pauses a task, or resumes it with its next run.</summary>
    private ValueTask<ScheduledTask> EnableAsync(Guid task, DateTimeOffset? nextRun) =>
        _store.EditAsync(
            task,
            null,
            (t, _) => new(TaskChangeAction.Updated, t with { Enabled = nextRun is not null, NextRun = nextRun }, ["Enabled"]),
            default,
            default
        );

    private ValueTask<int> BackfillAsync(Guid task, DateTimeOffset[] slots) =>
        _store.TriggerAsync(task, (t, now) => [.. slots.Select(slot => TaskJobs.Make(t, slot, null, now))], once: false, default, default);
}
