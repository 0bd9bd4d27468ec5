using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Scheduling.Tests.Engine;

public sealed class SqliteSchedulerTests() : SchedulerTests(new SqliteTestDatabase());

public sealed class PostgreSqlSchedulerTests() : SchedulerTests(new PostgreSqlTestDatabase())
{
    [Fact]
    public async Task Four_nodes_run_every_occurrence_exactly_once()
    {
        var nodes = Enumerable.Range(0, 4).Select(i => new TestNode(Database, Time, o => o.Node = $"node {i}")).ToList();
        var tasks = new List<ScheduledTask>();
        for (int i = 0; i < 6; i++)
            tasks.Add(await nodes[0].Scheduler.CreateAsync(Definition($"task {i}", "* * * * *")));
        for (int minute = 0; minute < 10; minute++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAll(nodes.Select(n => Task.Run(n.PumpAsync)));
        }

        var slots = nodes
            .SelectMany(n => n.Probe.Runs)
            .GroupBy(r => r.TaskId)
            .ToDictionary(g => g.Key!.Value, g => g.Select(r => r.ScheduledAt).Order());
        var expected = Enumerable.Range(0, 10).Select(i => Start.AddSeconds(30).AddMinutes(i));
        Assert.Equal(6, slots.Count);
        Assert.All(slots.Values, s => Assert.Equal(expected, s));
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_crowd_that_is_due_at_once_is_shared_by_the_nodes_and_each_job_begins_once(int count)
    {
        const int Crowd = 2_000;
        var nodes = Enumerable.Range(0, count).Select(i => new TestNode(Database, Time, o => o.Node = $"node {i}")).ToList();
        var jobs = Enumerable
            .Range(0, Crowd)
            .Select(_ => new NewJob
            {
                Id = Guid.CreateVersion7(),
                Job = "probe",
                Queue = "default",
                DueAt = Start,
            });
        await nodes[0].Store.EnqueueAsync([.. jobs], null, default);
        while (nodes.Sum(static n => n.Probe.Runs.Count) < Crowd)
        {
            await Task.WhenAll(nodes.Select(n => Task.Run(n.PumpAsync)));
        }

        var begun = nodes.SelectMany(static n => n.Probe.Runs).ToList();
        Assert.Equal((Crowd, Crowd), (begun.Count, begun.Select(static r => r.JobId).Distinct().Count()));
        Assert.All(nodes, static n => Assert.NotEmpty(n.Probe.Runs));
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Eight_nodes_that_start_at_once_on_an_empty_database_make_everything_once()
    {
        var nodes = Enumerable
            .Range(0, 8)
            .Select(i => new TestNode(
                Database,
                Time,
                o => o.Node = $"node {i}",
                b => b.AddJob<ProbeJob>("probe", t => t.Cron("* * * * *"))
            ))
            .ToList();
        await Task.WhenAll(nodes.Select(n => Task.Run(async () => await n.DeclareAsync())));
        Assert.Equal(["cleanup", "probe"], (await nodes[0].Scheduler.ListAsync()).Items.Select(static t => t.Name));
        Time.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(nodes.Select(n => Task.Run(n.PumpAsync)));
        Assert.Equal(Start.AddSeconds(30), Assert.Single(nodes.SelectMany(static n => n.Probe.Runs)).ScheduledAt);
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_zombie_is_told_to_stop_and_its_outcome_is_refused()
    {
        await using var zombie = new TestNode(Database, Time);
        await using var survivor = new TestNode(Database, Time);
        var resumed = new TaskCompletionSource();
        var told = new TaskCompletionSource();
        zombie.Probe.Behaviour = async (_, ct) =>
        {
            await using var registration = ct.Register(told.SetResult);
            await resumed.Task;
        };
        var task = await zombie.Scheduler.CreateAsync(Definition("one", "* * * * *"));
        Time.Advance(TimeSpan.FromMinutes(1));
        await zombie.BeginAsync();
        await zombie.Probe.BegunAsync();

        Time.Advance(TimeSpan.FromSeconds(20)); // frozen: no renewal
        await survivor.PumpAsync();
        var (first, second) = (zombie.Probe.Runs.Single(), survivor.Probe.Runs.Single());
        Assert.Equal((first.ScheduledAt, 2), (second.ScheduledAt, second.Attempt));
        Assert.True(second.FencingToken > first.FencingToken);

        await zombie.Node.BeatAsync(default);
        await told.Task.WaitAsync(TestNode.Patience);
        resumed.SetResult();
        await zombie.WhenIdleAsync().WaitAsync(TestNode.Patience);
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Abandoned], await StatusesAsync(survivor, task));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_was_frozen_for_longer_than_its_lease_asks_before_it_begins_more(bool isTaken)
    {
        await using var frozen = new TestNode(Database, Time, o => o.MaxConcurrency = 1);
        await using var survivor = new TestNode(Database, Time);
        var end = new TaskCompletionSource();
        frozen.Probe.Behaviour = async (_, _) => await end.Task;
        await frozen.Scheduler.CreateAsync(Definition("one", "* * * * *"));
        await frozen.Scheduler.CreateAsync(Definition("two", "* * * * *"));
        Time.Advance(Start.AddSeconds(30) - Time.GetUtcNow()); // due this moment: what is late and has no place goes back
        await frozen.BeginAsync();
        await frozen.Probe.BegunAsync();

        Time.Advance(TimeSpan.FromSeconds(20));
        if (isTaken)
        {
            await survivor.PumpAsync();
            Assert.Equal(2, survivor.Probe.Runs.Count);
        }

        // The second has been waiting for the first, and would begin now.
        end.SetResult();
        for (int i = 0; i < 2_000 && frozen.Node.Executors.Any(static e => e.Queued > 0); i++)
        {
            await Task.Delay(10);
        }

        Assert.Equal(0, frozen.Node.Executors.Sum(static e => e.Queued));
        Assert.Single(frozen.Probe.Runs);
        await frozen.Node.BeatAsync(default);
        await frozen.WhenIdleAsync().WaitAsync(TestNode.Patience);
        for (int i = 0; i < 2_000 && !isTaken && frozen.Probe.Runs.Count < 2; i++)
        {
            await Task.Delay(10);
        }

        Assert.Equal(isTaken ? 1 : 2, frozen.Probe.Runs.Count);
    }
}

/// <summary>What the engine promises, on either database and in virtual time.</summary>
public abstract class SchedulerTests(TestDatabase database) : IDisposable
{
    // Off the full minute: a real server's clock is a few milliseconds away from the virtual one.
    protected static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 7, 30, TimeSpan.Zero);

    protected TestDatabase Database { get; } = database;

    protected FakeTimeProvider Time { get; } = new(Start);

    public void Dispose() => Database.Dispose();

    [Fact]
    public async Task A_due_task_runs_once_with_its_context_and_its_success_is_recorded()
    {
        await using var node = new TestNode(Database, Time, o => o.Node = "here");
        var task = await node.Scheduler.CreateAsync(Definition("one", "10 11 * * *", "Europe/Warsaw") with { Payload = """{"n":1}""" });
        var slot = new DateTimeOffset(2026, 11, 23, 10, 10, 0, TimeSpan.Zero);
        Assert.Equal(slot, task.NextRun);
        await node.PumpAsync();
        Assert.Empty(node.Probe.Runs);

        Time.Advance(TimeSpan.FromMinutes(3));
        await node.PumpAsync();
        await node.PumpAsync();
        var run = Assert.Single(node.Probe.Runs);
        Assert.Equal(
            (task.Id, "one", slot, 1, """{"n":1}"""),
            (run.TaskId!.Value, run.TaskName, run.ScheduledAt, run.Attempt, run.Payload)
        );
        var execution = Assert.Single((await node.Scheduler.ListExecutionsAsync(task.Id)).Items);
        Assert.Equal(
            (run.FencingToken, slot, ExecutionStatus.Succeeded, null, "here"),
            (execution.Id, execution.ScheduledAt, execution.Status, execution.ErrorMessage, execution.Node)
        );
        var after = (await node.Scheduler.FindAsync(task.Id))!;
        Assert.Equal((ScheduledTaskStatus.Succeeded, slot.AddDays(1), 1L), (after.Status, after.NextRun, after.Version));
        Assert.Equal(execution.StartedAt, after.LastRun);
    }

    [Fact]
    public async Task A_failure_is_recorded_with_type_and_bounded_message_and_the_schedule_goes_on()
    {
        await using var node = new TestNode(Database, Time);
        node.Probe.Behaviour = (_, _) => throw new InvalidOperationException(new string('x', 10_000));
        var task = await node.Scheduler.CreateAsync(Definition("one", "* * * * *"));
        Time.Advance(TimeSpan.FromMinutes(1));
        await node.PumpAsync();
        var execution = Assert.Single((await node.Scheduler.ListExecutionsAsync(task.Id)).Items);
        Assert.Equal(ExecutionStatus.Failed, execution.Status);
        Assert.StartsWith("System.InvalidOperationException: xxx", execution.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(TaskExecution.MaxErrorLength, execution.ErrorMessage!.Length);
        Assert.Equal(ScheduledTaskStatus.Failed, (await node.Scheduler.FindAsync(task.Id))!.Status);

        node.Probe.Behaviour = (_, _) => default;
        Time.Advance(TimeSpan.FromMinutes(1));
        await node.PumpAsync();
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Failed], await StatusesAsync(node, task));
    }

    [Fact]
    public async Task A_run_that_takes_too_long_is_cancelled_and_failed()
    {
        await using var node = new TestNode(Database, Time);
        node.Probe.Behaviour = (_, ct) => new ValueTask(Task.Delay(Timeout.Infinite, ct));
        var task = await node.Scheduler.CreateAsync(Definition("one", "* * * * *") with { Timeout = TimeSpan.FromSeconds(5) });
        Time.Advance(TimeSpan.FromMinutes(1));
        await node.BeginAsync();
        await node.Probe.BegunAsync();
        Time.Advance(TimeSpan.FromSeconds(5));
        await node.WhenIdleAsync().WaitAsync(TestNode.Patience);
        var execution = Assert.Single((await node.Scheduler.ListExecutionsAsync(task.Id)).Items);
        Assert.Equal(ExecutionStatus.Failed, execution.Status);
        Assert.StartsWith("TimeoutException", execution.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_does_not_stop_is_given_up_and_another_gets_its_place()
    {
        await using var node = new TestNode(Database, Time, o => o.MaxConcurrency = 1);
        var end = new TaskCompletionSource();
        node.Probe.Behaviour = (_, _) => new ValueTask(end.Task);
        var task = await node.Scheduler.CreateAsync(Definition("one", "0 0 1 1 *") with { Timeout = TimeSpan.FromSeconds(5) });
        await node.Scheduler.TriggerAsync(task.Id);
        await node.BeginAsync();
        await node.Probe.BegunAsync();
        Time.Advance(TimeSpan.FromSeconds(5));
        Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal((1, 0), (node.Node.Running, node.Node.Stuck));
        Time.Advance(TimeSpan.FromSeconds(1));
        await node.WhenIdleAsync();
        Assert.Equal((0, 1), (node.Node.Running, node.Node.Stuck));
        var execution = Assert.Single((await node.Scheduler.ListExecutionsAsync(task.Id)).Items);
        Assert.Equal(ExecutionStatus.Failed, execution.Status);
        Assert.EndsWith("did not stop when it was told to.", execution.ErrorMessage, StringComparison.Ordinal);

        node.Probe.Behaviour = (_, _) => default;
        await node.Scheduler.TriggerAsync(task.Id);
        await node.PumpAsync();
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Failed], await StatusesAsync(node, task));

        // What it reports at last changes nothing.
        end.SetResult();
        await NoneIsStuckAsync(node);
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Failed], await StatusesAsync(node, task));
    }

    [Fact]
    public async Task A_run_that_blocks_its_thread_is_given_up_and_another_thread_goes_on()
    {
        await using var node = new TestNode(
            Database,
            Time,
            o => o.Executors["cpu"] = new() { MaxConcurrency = 1, DedicatedThreads = true }
        );
        using var end = new ManualResetEventSlim();
        node.Probe.Behaviour = (_, _) =>
        {
            end.Wait(TestNode.Patience, CancellationToken.None); // whatever it is told
            return default;
        };
        var task = await node.Scheduler.CreateAsync(
            Definition("one", "0 0 1 1 *") with
            {
                Timeout = TimeSpan.FromSeconds(5),
                Queue = "cpu",
            }
        );
        await node.Scheduler.TriggerAsync(task.Id);
        await node.BeginAsync();
        await node.Probe.BegunAsync();
        Time.Advance(TimeSpan.FromSeconds(5));
        Time.Advance(TimeSpan.FromSeconds(30));
        await node.WhenIdleAsync();

        node.Probe.Behaviour = (_, _) => default;
        await node.Scheduler.TriggerAsync(task.Id);
        await node.PumpAsync();
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Failed], await StatusesAsync(node, task));
        end.Set();
        await NoneIsStuckAsync(node);
        await node.Scheduler.TriggerAsync(task.Id);
        await node.PumpAsync();
        Assert.Equal(3, node.Probe.Runs.Count);
    }

    [Fact]
    public async Task What_may_run_at_most_once_is_not_run_again_when_its_process_stops()
    {
        void AtMostOnce(SchedulingBuilder b) => b.AddJob<ProbeJob>("careful", configure: o => o.Delivery = Delivery.AtMostOnce);
        Guid job;
        await using (var node = new TestNode(Database, Time, o => o.ShutdownGrace = TimeSpan.Zero, AtMostOnce))
        {
            node.Probe.Behaviour = (_, ct) => new ValueTask(Task.Delay(Timeout.Infinite, ct));
            job = await node.Jobs.EnqueueAsync("careful", null);
            await node.Service.StartAsync(default);
            await BegunSoonAsync(node);
            await node.Service.StopAsync(default).WaitAsync(TestNode.Patience);
        }
        Time.Advance(TimeSpan.FromMinutes(1));
        await using var next = new TestNode(Database, Time, jobs: AtMostOnce);
        await next.PumpAsync();
        Assert.Empty(next.Probe.Runs);
        Assert.Equal(JobState.Dead, (await next.Jobs.FindAsync(job))!.State);
        Assert.Equal(ExecutionStatus.Interrupted, Assert.Single(await next.Jobs.ListExecutionsAsync(job)).Status);
    }

    [Fact]
    public async Task Occurrences_that_fall_into_a_run_are_left_out()
    {
        await using var node = new TestNode(Database, Time);
        var end = new TaskCompletionSource();
        node.Probe.Behaviour = (_, _) => new ValueTask(end.Task);
        var task = await node.Scheduler.CreateAsync(Definition("one", "* * * * *"));
        Time.Advance(TimeSpan.FromMinutes(1));
        await node.BeginAsync();
        await node.Probe.BegunAsync();
        for (int i = 0; i < 13; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(10));
            await node.Node.BeatAsync(default);
            await node.BeginAsync();
        }
        Assert.Single(node.Probe.Runs);
        end.SetResult();
        await node.WhenIdleAsync().WaitAsync(TestNode.Patience);
        await node.PumpAsync();
        Assert.Single(node.Probe.Runs);
        Time.Advance(TimeSpan.FromMinutes(1));
        await node.PumpAsync();
        Assert.Equal([Start.AddSeconds(30), Start.AddSeconds(30).AddMinutes(3)], node.Probe.Runs.Select(r => r.ScheduledAt));
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Succeeded], await StatusesAsync(node, task));
    }

    [Theory]
    [InlineData(MisfirePolicy.Once, 1)]
    [InlineData(MisfirePolicy.Skip, 0)]
    public async Task What_was_missed_while_nothing_ran_is_made_up_for_once_or_left_out(MisfirePolicy policy, int expected)
    {
        await using (var before = new TestNode(Database, Time))
            await before.Scheduler.CreateAsync(Definition("one", "*/10 * * * *") with { Misfire = policy });
        Time.Advance(TimeSpan.FromHours(5));

        await using var node = new TestNode(Database, Time);
        await node.PumpAsync();
        Assert.Equal(expected, node.Probe.Runs.Count);
        var task = (await node.Scheduler.FindAsync("one"))!;
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 15, 10, 0, TimeSpan.Zero), task.NextRun);
        Time.Advance(TimeSpan.FromMinutes(3));
        await node.PumpAsync();
        Assert.Equal(expected + 1, node.Probe.Runs.Count);
    }

    [Fact]
    public async Task A_run_whose_process_is_killed_is_abandoned_and_begun_again_by_the_next_process()
    {
        var never = new TaskCompletionSource();
        var killed = new TestNode(Database, Time);
        killed.Probe.Behaviour = (_, _) => new ValueTask(never.Task);
        var task = await killed.Scheduler.CreateAsync(Definition("one", "0 * * * *"));
        Time.Advance(TimeSpan.FromHours(1));
        await killed.BeginAsync();
        await killed.Probe.BegunAsync();
        await killed.DisposeAsync(); // the databases are let go of; the run is never completed

        await using var node = new TestNode(Database, Time);
        Time.Advance(TimeSpan.FromSeconds(16)); // on a server it may still be alive until its lease is over
        await node.PumpAsync();
        var run = Assert.Single(node.Probe.Runs);
        Assert.Equal((2, killed.Probe.Runs.Single().ScheduledAt), (run.Attempt, run.ScheduledAt));
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Abandoned], await StatusesAsync(node, task));
    }

    [Fact]
    public async Task A_run_that_kills_every_process_is_given_up_and_the_schedule_goes_on()
    {
        ScheduledTask? task = null;
        var never = new TaskCompletionSource();
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            var victim = new TestNode(Database, Time);
            victim.Probe.Behaviour = (_, _) => new ValueTask(never.Task);
            task ??= await victim.Scheduler.CreateAsync(Definition("one", "0 * * * *"));
            Time.Advance(attempt == 1 ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(16));
            await victim.BeginAsync();
            await victim.Probe.BegunAsync();
            Assert.Equal(attempt, victim.Probe.Runs.Single().Attempt);
            await victim.DisposeAsync();
        }
        await using var node = new TestNode(Database, Time);
        Time.Advance(TimeSpan.FromSeconds(16));
        await node.PumpAsync();
        Assert.Empty(node.Probe.Runs);
        Assert.Equal(ScheduledTaskStatus.Failed, (await node.Scheduler.FindAsync(task!.Id))!.Status);
        Time.Advance(TimeSpan.FromHours(1));
        await node.PumpAsync();
        Assert.Equal(1, Assert.Single(node.Probe.Runs).Attempt);
    }

    [Fact]
    public async Task At_most_the_set_number_of_jobs_run_at_once()
    {
        await using var node = new TestNode(Database, Time, o => o.MaxConcurrency = 2);
        var end = new TaskCompletionSource();
        node.Probe.Behaviour = (_, _) => new ValueTask(end.Task);
        for (int i = 0; i < 5; i++)
            await node.Scheduler.CreateAsync(Definition($"task {i}", "* * * * *"));
        Time.Advance(TimeSpan.FromMinutes(1));
        await node.BeginAsync();
        await node.WhenRunningAsync(2);
        await node.BeginAsync();
        Assert.Equal(2, node.Node.Running);
        end.SetResult();
        for (int i = 0; i < 3; i++)
            await node.PumpAsync();
        Assert.Equal(5, node.Probe.Runs.Count);
    }

    [Fact]
    public async Task Tasks_of_jobs_that_this_process_does_not_know_are_left_to_others()
    {
        await using (var newer = new TestNode(Database, Time, jobs: b => b.AddJob<ProbeJob>("new")))
            await newer.Scheduler.CreateAsync(Definition("one", "* * * * *") with { Job = "new" });
        Time.Advance(TimeSpan.FromMinutes(1));
        await using (var older = new TestNode(Database, Time))
            await older.PumpAsync();
        await using var node = new TestNode(Database, Time, jobs: b => b.AddJob<ProbeJob>("new"));
        await node.PumpAsync();
        Assert.Equal(1, Assert.Single(node.Probe.Runs).Attempt);
    }

    [Fact]
    public async Task A_trigger_wakes_the_service_at_once_and_due_tasks_when_they_are_due()
    {
        await using var node = new TestNode(Database, Time);
        await node.Service.StartAsync(default);
        var task = await node.Scheduler.CreateAsync(Definition("one", "0 * * * *"));
        await node.Scheduler.TriggerAsync(task.Id);
        await BegunSoonAsync(node);
        // Until it is recorded it would be in the way of the next.
        for (int i = 0; i < 2_000 && !(await StatusesAsync(node, task)).Contains(ExecutionStatus.Succeeded); i++)
            await Task.Delay(10);
        var eleven = new DateTimeOffset(2026, 11, 23, 11, 0, 0, TimeSpan.Zero);
        Time.Advance(eleven - Time.GetUtcNow());
        // The loop may have been about to set its timer when time passed: then it sleeps until time passes again. Half an hour at most: the next occurrence does not come.
        for (int i = 0; i < 1_800 && !await node.Probe.HasBegunAsync(TimeSpan.FromMilliseconds(20)); i++)
            Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(eleven, node.Probe.Runs.Last().ScheduledAt);
        await node.Service.StopAsync(default).WaitAsync(TestNode.Patience);
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Succeeded], await StatusesAsync(node, task));
    }

    [Fact]
    public async Task Stopping_waits_for_what_runs()
    {
        await using var node = new TestNode(Database, Time);
        var end = new TaskCompletionSource();
        node.Probe.Behaviour = (_, _) => new ValueTask(end.Task);
        var task = await StartedAsync(node);
        var stopping = node.Service.StopAsync(default);
        Assert.False(stopping.IsCompleted);
        end.SetResult();
        await stopping.WaitAsync(TestNode.Patience);
        Assert.Equal([ExecutionStatus.Succeeded], await StatusesAsync(node, task));
    }

    [Fact]
    public async Task What_outlasts_the_grace_is_cancelled_and_the_next_process_begins_it_again()
    {
        ScheduledTask task;
        await using (var node = new TestNode(Database, Time, o => o.ShutdownGrace = TimeSpan.Zero))
        {
            node.Probe.Behaviour = (_, ct) => new ValueTask(Task.Delay(Timeout.Infinite, ct));
            task = await StartedAsync(node);
            await node.Service.StopAsync(default).WaitAsync(TestNode.Patience);
            Assert.Equal([ExecutionStatus.Interrupted], await StatusesAsync(node, task));
        }
        Time.Advance(TimeSpan.FromMilliseconds(50));
        await using var next = new TestNode(Database, Time);
        await next.PumpAsync();
        Assert.Equal(1, Assert.Single(next.Probe.Runs).Attempt);
        Assert.Equal([ExecutionStatus.Succeeded, ExecutionStatus.Interrupted], await StatusesAsync(next, task));
    }

    [Fact]
    public async Task What_has_not_begun_is_given_back_at_once_when_the_process_stops()
    {
        await using var node = new TestNode(Database, Time, o => o.MaxConcurrency = 1);
        var end = new TaskCompletionSource();
        node.Probe.Behaviour = (_, _) => new ValueTask(end.Task);
        for (var i = 0; i < 5; i++)
        {
            await node.Jobs.EnqueueAsync("probe", null);
        }

        await node.Service.StartAsync(default);
        await BegunSoonAsync(node);
        await UntilAsync(node, JobState.Claimed, 5);
        var stopping = node.Service.StopAsync(default);
        await UntilAsync(node, JobState.Ready, 4);
        Assert.False(stopping.IsCompleted); // the one that runs is waited for
        end.SetResult();
        await stopping.WaitAsync(TestNode.Patience);
        Assert.Single(node.Probe.Runs);
        Assert.All(await node.Jobs.ListAsync(), j => Assert.Equal((JobState.Ready, 1), (j.State, j.Attempt)));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task A_process_that_dies_between_its_work_and_the_record_of_it_costs_one_more_run_unless_both_are_one_transaction(
        bool inTransaction,
        int expected
    )
    {
        var (never, done) = (new TaskCompletionSource(), new TaskCompletionSource());
        var killed = new TestNode(Database, Time);
        killed.Probe.Behaviour = async (context, _) =>
        {
            if (inTransaction)
            {
                await Database.InTransactionAsync(killed.Services, async (t, _) => await context.CompleteInTransactionAsync(t));
            }

            done.SetResult();
            await never.Task;
        };
        var id = await killed.Jobs.EnqueueAsync("probe", null);
        await killed.BeginAsync();
        await done.Task.WaitAsync(TestNode.Patience);
        await killed.DisposeAsync(); // the databases are let go of; the run never returns

        await using var next = new TestNode(Database, Time);
        Time.Advance(TimeSpan.FromSeconds(16));
        await next.PumpAsync();
        await next.PumpAsync();
        Assert.Equal(expected, next.Probe.Runs.Count);
        Assert.Equal(JobState.Finished, (await next.Jobs.FindAsync(id))!.State);
        Assert.Single(await next.Jobs.ListExecutionsAsync(id), e => e.Status == ExecutionStatus.Succeeded);
    }

    [Fact]
    public async Task Arguments_that_cannot_be_read_are_not_tried_again()
    {
        await using var node = new TestNode(
            Database,
            Time,
            jobs: b =>
                b.AddJob<NumberJob, int>(
                    "number",
                    (JsonTypeInfo<int>)JsonSerializerOptions.Default.GetTypeInfo(typeof(int)),
                    configure: o => o.Retry = RetryPolicy.Fixed(5, TimeSpan.Zero)
                )
        );
        var id = await node.Jobs.EnqueueAsync("number", "\"many\"");
        await node.PumpAsync();
        Assert.Empty(node.Probe.Runs);
        Assert.Equal(JobState.Dead, (await node.Jobs.FindAsync(id))!.State);
        Assert.Contains(
            nameof(JobArgumentsException),
            Assert.Single(await node.Jobs.ListExecutionsAsync(id)).ErrorMessage,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_crowd_that_is_due_at_once_begins_by_priority_and_due_time_and_leaves_other_queues_their_executor()
    {
        const int Crowd = 2_000;
        await using var node = new TestNode(
            Database,
            Time,
            o =>
            {
                o.MaxConcurrency = 1;
                o.Executors["side"] = new() { MaxConcurrency = 1 };
            },
            b => b.AddJob<ProbeJob>("probe").AddJob<ProbeJob>("aside", configure: o => o.Queue = "side")
        );
        var random = new Random(1);
        var crowd = Enumerable
            .Range(0, Crowd)
            .Select(i => Crowded("default", (JobPriority)random.Next((int)JobPriority.Low, (int)JobPriority.High + 1), random.Next(1, 60)))
            .ToList();
        await node.Store.EnqueueAsync(crowd, null, default);
        await node.Store.EnqueueAsync(
            [.. Enumerable.Range(0, 5).Select(_ => Crowded("side", JobPriority.Low, 1) with { Job = "aside" })],
            null,
            default
        );
        var most = 0;
        node.Probe.Behaviour = (_, _) =>
        {
            most = Math.Max(most, node.Node.Executors.Sum(static e => e.Queued));
            return default;
        };
        while (node.Probe.Runs.Count < Crowd + 5)
        {
            await node.PumpAsync();
        }

        var begun = node.Probe.Runs.ToList();
        var order = crowd.OrderByDescending(static j => j.Priority).ThenBy(static j => j.DueAt).Select(static j => (j.Priority, j.DueAt));
        var byId = crowd.ToDictionary(static j => j.Id);
        var inCrowd = begun.Where(r => byId.ContainsKey(r.JobId)).Select(r => byId[r.JobId]).ToList();
        Assert.Equal(order, inCrowd.Select(static j => (j.Priority, j.DueAt)));
        Assert.Equal(Crowd, inCrowd.Distinct().Count());
        Assert.InRange(most, 1, 3_000);
        // Of the lowest priority, and behind nobody.
        Assert.True(begun.FindLastIndex(r => !byId.ContainsKey(r.JobId)) < Crowd / 2);

        NewJob Crowded(string queue, JobPriority priority, int seconds) =>
            new()
            {
                Id = Guid.CreateVersion7(),
                Job = "probe",
                Queue = queue,
                Priority = priority,
                DueAt = Start.AddSeconds(-seconds),
            };
    }

    private sealed class NumberJob(Probe probe) : IJob<int>
    {
        public ValueTask RunAsync(int arguments, JobContext context, CancellationToken cancellationToken) =>
            probe.RunAsync(context, cancellationToken);
    }

    private static async Task NoneIsStuckAsync(TestNode node)
    {
        for (var until = DateTime.UtcNow + TestNode.Patience; node.Node.Stuck > 0; await Task.Delay(5))
            Assert.True(DateTime.UtcNow < until, "The run did not return.");
    }

    private static async Task UntilAsync(TestNode node, JobState state, int count)
    {
        for (var until = DateTime.UtcNow + TestNode.Patience; (await node.Jobs.ListAsync(state)).Count != count; await Task.Delay(5))
        {
            Assert.True(DateTime.UtcNow < until, $"There are not {count} that are {state}.");
        }
    }

    [Fact]
    public async Task Declared_tasks_are_made_once_and_what_an_operator_changed_outlives_a_restart()
    {
        void Declare(SchedulingBuilder b, string schedule) => b.AddJob<ProbeJob>("probe", s => s.Cron(schedule, "Europe/Warsaw"));
        await using (var node = new TestNode(Database, Time, jobs: b => Declare(b, "0 3 * * *")))
        {
            await node.DeclareAsync();
            await node.DeclareAsync();
            Assert.Equal(["cleanup", "probe"], (await node.Scheduler.ListAsync()).Items.Select(t => t.Name));
            var declared = (await node.Scheduler.FindAsync("probe"))!;
            Assert.Equal(("0 3 * * *", "Europe/Warsaw", 1L), (declared.Schedule, declared.TimeZone, declared.Version));
            await node.Scheduler.PauseAsync(declared.Id);
        }
        await using (var node = new TestNode(Database, Time, jobs: b => Declare(b, "0 4 * * *")))
        {
            await node.DeclareAsync();
            var task = (await node.Scheduler.FindAsync("probe"))!;
            Assert.Equal(("0 4 * * *", false), (task.Schedule, task.Enabled));
            await node.Scheduler.UpdateAsync(task.Id, task with { Schedule = "0 9 * * *", Enabled = true }, task.Version);
        }
        await using (var node = new TestNode(Database, Time, jobs: b => Declare(b, "0 5 * * *")))
        {
            await node.DeclareAsync();
            Assert.Equal(
                ("0 9 * * *", true),
                ((await node.Scheduler.FindAsync("probe"))!.Schedule, (await node.Scheduler.FindAsync("probe"))!.Enabled)
            );
        }
    }

    [Fact]
    public async Task Pausing_keeps_a_task_from_running_and_resuming_counts_from_now()
    {
        await using var node = new TestNode(Database, Time);
        var task = await node.Scheduler.CreateAsync(Definition("one", "* * * * *"));
        var paused = await node.Scheduler.PauseAsync(task.Id, task.Version);
        Assert.Equal((false, null, 2L), (paused.Enabled, paused.NextRun, paused.Version));
        Assert.Equal(2, (await node.Scheduler.PauseAsync(task.Id)).Version);
        Time.Advance(TimeSpan.FromMinutes(30));
        await node.PumpAsync();
        Assert.Empty(node.Probe.Runs);
        var resumed = await node.Scheduler.ResumeAsync(task.Id, 2);
        Assert.Equal(Start.AddSeconds(30).AddMinutes(30), resumed.NextRun);
        await node.PumpAsync();
        Assert.Empty(node.Probe.Runs);
    }

    [Fact]
    public async Task Lists_tell_where_the_next_page_begins()
    {
        await using var node = new TestNode(Database, Time);
        foreach (string name in (string[])["a", "b", "c"])
            await node.Scheduler.CreateAsync(Definition(name, "* * * * *"));
        var first = await node.Scheduler.ListAsync(limit: 2);
        Assert.Equal(("b", 2), (first.NextAfter, first.Items.Count));
        var last = await node.Scheduler.ListAsync(first.NextAfter, 2);
        Assert.Equal((null, "c"), (last.NextAfter, last.Items.Single().Name));
        Time.Advance(TimeSpan.FromMinutes(1));
        await node.PumpAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        await node.PumpAsync();
        var history = await node.Scheduler.ListExecutionsAsync(last.Items[0].Id, limit: 1);
        Assert.Equal(history.Items[0].Id, history.NextBefore);
        Assert.Null((await node.Scheduler.ListExecutionsAsync(last.Items[0].Id, history.NextBefore, 1)).NextBefore);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.Scheduler.ListAsync(limit: 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.Scheduler.ListExecutionsAsync(Guid.Empty, limit: 501));
    }

    [Fact]
    public async Task The_cleanup_deletes_what_is_older_than_the_retention_in_batches()
    {
        await using var node = new TestNode(Database, Time, o => o.HistoryRetention = TimeSpan.FromHours(2));
        await node.DeclareAsync();
        var task = await node.Scheduler.CreateAsync(Definition("one", "0 0 1 1 *"));
        for (int i = 0; i < 3; i++)
        {
            await node.Scheduler.TriggerAsync(task.Id);
            await node.PumpAsync();
        }
        Time.Advance(TimeSpan.FromHours(3));
        await node.Scheduler.TriggerAsync(task.Id);
        await node.PumpAsync();
        var cleanup = (await node.Scheduler.FindAsync("cleanup"))!;
        await node.Scheduler.TriggerAsync(cleanup.Id);
        await node.PumpAsync();
        Assert.Equal([ExecutionStatus.Succeeded], await StatusesAsync(node, cleanup));
        Assert.Single((await node.Scheduler.ListExecutionsAsync(task.Id)).Items);
    }

    protected static TaskDefinition Definition(string name, string schedule, string zone = "UTC") =>
        new()
        {
            Name = name,
            Job = "probe",
            Schedule = schedule,
            TimeZone = zone,
        };

    protected static async Task<IEnumerable<ExecutionStatus>> StatusesAsync(TestNode node, ScheduledTask task) =>
        (await node.Scheduler.ListExecutionsAsync(task.Id)).Items.Select(e => e.Status);

    private async Task<ScheduledTask> StartedAsync(TestNode node)
    {
        await node.Service.StartAsync(default);
        var task = await node.Scheduler.CreateAsync(Definition("one", "0 * * * *"));
        await node.Scheduler.TriggerAsync(task.Id);
        await BegunSoonAsync(node);
        return task;
    }

    // Never early by the store's clock, to the microsecond: some time must pass.
    private async Task BegunSoonAsync(TestNode node)
    {
        for (int i = 0; i < 2_000 && !await node.Probe.HasBegunAsync(TimeSpan.FromMilliseconds(10)); i++)
            Time.Advance(TimeSpan.FromMilliseconds(1));
    }
}
