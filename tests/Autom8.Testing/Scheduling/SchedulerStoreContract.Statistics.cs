using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;

namespace Autom8.Testing.Scheduling;

/// <content>Statistics of the history.</content>
public abstract partial class SchedulerStoreContract
{
    private const int All = 1_000;

    [Fact]
    public async Task Runs_are_counted_and_measured_over_those_that_ended_in_the_window()
    {
        var task = await InsertAsync("one");
        await RunAsync(task, ExecutionStatus.Succeeded, TimeSpan.FromSeconds(30));
        var since = await PassAsync();
        for (var second = 20; second > 0; second--)
        {
            await RunAsync(task, ExecutionStatus.Succeeded, TimeSpan.FromSeconds(second), late: TimeSpan.FromMilliseconds(second));
        }

        await RunAsync(task, ExecutionStatus.Failed, TimeSpan.FromSeconds(90), late: TimeSpan.FromSeconds(3));
        await RunAsync(task, ExecutionStatus.Abandoned, TimeSpan.FromDays(1));
        await RunAsync(task, ExecutionStatus.Cancelled, TimeSpan.FromDays(2));
        await RunAsync(task, ExecutionStatus.Interrupted, TimeSpan.FromDays(3));
        await RunAsync(task, ExecutionStatus.Snoozed, TimeSpan.FromDays(4));

        var found = await _store.GetStatisticsAsync(task.Id, null, since, All, default);

        Assert.Equal(since, found.Since);
        Assert.InRange(found.Until, Time.GetUtcNow().AddSeconds(-5), Time.GetUtcNow().AddSeconds(30));
        Assert.Equal(
            (25, 20, 1, 1, 1, 1, 1),
            (found.Runs, found.Succeeded, found.Failed, found.Abandoned, found.Cancelled, found.Interrupted, found.Snoozed)
        );
        Assert.Equal(2.0 / 22, found.FailureRate);
        // 1 to 20 seconds and 90: 300 over 21, the 11th and the 20th of them.
        Assert.Equal(TimeSpan.FromMicroseconds(14_285_714), found.Durations!.Mean);
        Assert.Equal(
            (TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90)),
            (found.Durations.P50, found.Durations.P95, found.Durations.Max)
        );
        Assert.Equal(
            new RunLateness(TimeSpan.FromMilliseconds(11), TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(3)),
            found.Lateness
        );
    }

    [Fact]
    public async Task Statistics_are_of_the_task_or_the_job_that_is_named_or_of_all()
    {
        var (one, two) = (await InsertAsync("one"), await InsertAsync("two", t => t with { Job = "other" }));
        var since = await PassAsync();
        await RunAsync(one, ExecutionStatus.Succeeded, TimeSpan.FromSeconds(1));
        var last = Time.GetUtcNow();
        await RunAsync(one, ExecutionStatus.Failed, TimeSpan.FromSeconds(1));
        await RunAsync(two, ExecutionStatus.Failed, TimeSpan.FromSeconds(5));

        var first = await _store.GetStatisticsAsync(one.Id, null, since, All, default);
        Assert.Equal((1, 1, 0.5), (first.Succeeded, first.Failed, first.FailureRate));
        Assert.InRange(first.LastSuccess!.Value, last.AddMinutes(-1), last);
        var other = await _store.GetStatisticsAsync(null, "other", since, All, default);
        Assert.Equal((0, 1, 1, null), (other.Succeeded, other.Failed, other.FailureRate, other.LastSuccess));
        Assert.Equal(TimeSpan.FromSeconds(5), other.Durations!.Mean);
        Assert.Equal(3, (await _store.GetStatisticsAsync(null, null, since, All, default)).Runs);
        await _store.DeleteAsync(one.Id, null, default, default);
        Assert.Equal(2, (await _store.GetStatisticsAsync(one.Id, null, since, All, default)).Runs);

        var nothing = await _store.GetStatisticsAsync(null, "none", since, All, default);
        Assert.Equal(
            (0, null, null, null, null),
            (nothing.Runs, nothing.FailureRate, nothing.Durations, nothing.Lateness, nothing.LastSuccess)
        );
        Assert.Equal(since, nothing.Since);
    }

    [Fact]
    public async Task Of_more_runs_than_are_looked_at_the_newest_count_and_the_window_is_as_long_as_they_reach()
    {
        var (task, other) = (await InsertAsync("one"), await InsertAsync("two", t => t with { Job = "other" }));
        var since = await PassAsync();
        for (var i = 0; i < 3; i++)
        {
            await RunAsync(task, ExecutionStatus.Failed, TimeSpan.FromSeconds(1));
        }

        await RunAsync(other, ExecutionStatus.Succeeded, TimeSpan.FromSeconds(1));
        await RunAsync(task, ExecutionStatus.Succeeded, TimeSpan.FromSeconds(1));
        var runs = await _store.ListExecutionsAsync(null, null, null, 10, default);

        var found = await _store.GetStatisticsAsync(task.Id, null, since, 2, default);
        Assert.Equal((1, 1, runs[2].CompletedAt!.Value), (found.Succeeded, found.Failed, found.Since));
        // Of a job, it is the runs of all jobs that are looked at.
        found = await _store.GetStatisticsAsync(null, "job", since, 2, default);
        Assert.Equal((1, 0, runs[1].CompletedAt!.Value), (found.Succeeded, found.Failed, found.Since));
        Assert.Equal(since, (await _store.GetStatisticsAsync(null, "job", since, 6, default)).Since);
    }

    [Fact]
    public async Task A_second_attempt_is_measured_and_is_late_for_no_fault_of_its_own()
    {
        var since = await PassAsync();
        await EnqueueAsync(Job());
        await EndAsync(await ClaimOneAsync(), ExecutionStatus.Failed, TimeSpan.FromSeconds(1), TimeSpan.Zero, JobDisposition.Retry);
        Time.Advance(TimeSpan.FromMinutes(1));
        await EndAsync(await ClaimOneAsync(), ExecutionStatus.Succeeded, TimeSpan.FromSeconds(3), TimeSpan.FromHours(1));

        var found = await _store.GetStatisticsAsync(null, "job", since, All, default);
        Assert.Equal((1, 1, TimeSpan.FromSeconds(2)), (found.Succeeded, found.Failed, found.Durations!.Mean));
        Assert.Equal(new RunLateness(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), found.Lateness);
    }

    /// <summary>A whole second off what was and what comes.</summary>
    private async ValueTask<DateTimeOffset> PassAsync()
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        var now = await _store.GetUtcNowAsync(default);
        Time.Advance(TimeSpan.FromMinutes(1));
        return now;
    }

    private async ValueTask RunAsync(ScheduledTask task, ExecutionStatus status, TimeSpan duration, TimeSpan late = default)
    {
        await TriggerAsync(task.Id);
        await EndAsync(Assert.Single((await ClaimAsync(jobs: [task.Job])).Jobs), status, duration, late);
        Time.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>Ends a run now, as if it had begun so late that it took so long: the end is what puts it into a window.</summary>
    private async ValueTask EndAsync(
        ClaimedJob job,
        ExecutionStatus status,
        TimeSpan duration,
        TimeSpan late,
        JobDisposition then = JobDisposition.Finish
    )
    {
        if (status == ExecutionStatus.Cancelled)
        {
            // Without this it would go on: nobody asked for its end.
            await _store.CancelAsync(job.Id, default);
        }

        var due = job.Slot ?? job.DueAt;
        var outcome = Outcome(job, status, then) with { StartedAt = due + late, CompletedAt = due + late + duration };
        Assert.Single(await _store.CompleteAsync([outcome], null, null, default));
    }
}
