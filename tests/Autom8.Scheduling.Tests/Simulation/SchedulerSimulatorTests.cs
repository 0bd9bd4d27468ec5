using System.Collections.Concurrent;
using System.Diagnostics;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Simulation;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Scheduling.Tests.Simulation;

public sealed class SchedulerSimulatorTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_year_of_invoices_has_a_run_on_every_weekday_at_seven_in_Warsaw()
    {
        await using var simulator = Simulate(b => b.AddJob<Invoices>("invoices", t => t.Cron("0 7 * * MON-FRI", "Europe/Warsaw")), 3);
        await simulator.AdvanceAsync(TimeSpan.FromDays(365));
        var invoices = Of(simulator, "invoices");
        Assert.Equal(261, invoices.Count(e => e.Status == ExecutionStatus.Succeeded));
        Assert.Equal(261, invoices.Count);
        var warsaw = TimeZoneInfo.FindSystemTimeZoneById("Europe/Warsaw");
        Assert.All(invoices, e => Assert.Equal(7, TimeZoneInfo.ConvertTime(e.ScheduledAt, warsaw).Hour));
        Assert.All(invoices, e => Assert.Equal(e.ScheduledAt, e.StartedAt));
        Assert.Equal(365, Of(simulator, "cleanup").Count);
        Assert.Equal(Start.AddDays(365), simulator.Now);
    }

    [Fact]
    public async Task A_year_of_an_hourly_job_takes_no_time()
    {
        await using var simulator = Simulate(b => b.AddJob("hourly", t => t.Cron("0 * * * *"), static (_, _) => default));
        var watch = Stopwatch.StartNew();
        await simulator.AdvanceAsync(TimeSpan.FromDays(365));
        Assert.Equal(8_760, Of(simulator, "hourly").Count);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"It took {watch.Elapsed}."); // a second or two on a quiet machine
    }

    [Fact]
    public async Task The_same_simulation_has_the_same_history_twice()
    {
        var first = await HistoryAsync();
        Assert.NotEmpty(first);
        Assert.Equal(first, await HistoryAsync());

        static async Task<List<(string, DateTimeOffset, DateTimeOffset, string, int)>> HistoryAsync()
        {
            await using var simulator = Simulate(
                b =>
                    b.AddJob("often", t => t.Cron("*/7 * * * *"), Delay(TimeSpan.FromMinutes(3)))
                        .AddJob("seldom", t => t.Cron("5 */2 * * *"), static (c, _) => throw new InvalidOperationException()),
                3
            );
            await simulator.AdvanceAsync(TimeSpan.FromHours(6));
            simulator.Crash(1);
            await simulator.AdvanceAsync(TimeSpan.FromHours(6));
            return [.. simulator.Executions.Select(e => (e.Job, e.ScheduledAt, e.StartedAt, e.Node, e.Attempt))];
        }
    }

    [Fact]
    public async Task What_a_node_ran_when_it_crashed_is_run_again_elsewhere_when_its_lease_is_over()
    {
        await using var simulator = Simulate(b => b.AddJob("long", t => t.Cron("0 12 * * *"), Delay(TimeSpan.FromMinutes(10))), 3);
        await simulator.AdvanceToAsync(Start.AddHours(12).AddMinutes(5));
        var job = Assert.Single(await simulator.Jobs.ListAsync(JobState.Claimed));
        var victim = simulator.Nodes.Single(n => n.Name == job.Node);
        simulator.Crash(victim.Index);
        await simulator.AdvanceAsync(TimeSpan.FromMinutes(30));
        var runs = Of(simulator, "long");
        Assert.Equal([ExecutionStatus.Abandoned, ExecutionStatus.Succeeded], runs.Select(e => e.Status));
        Assert.Equal((victim.Name, 1, 2), (runs[0].Node, runs[0].Attempt, runs[1].Attempt));
        Assert.NotEqual(victim.Name, runs[1].Node);
        Assert.Equal(runs[0].ScheduledAt, runs[1].ScheduledAt);
        var crashed = Start.AddHours(12).AddMinutes(5);
        Assert.InRange(runs[1].StartedAt, crashed.AddSeconds(15), crashed.AddSeconds(16));

        simulator.Restart(victim.Index);
        await simulator.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal(3, Of(simulator, "long").Count);
        Assert.Equal(ExecutionStatus.Succeeded, Of(simulator, "long")[2].Status);
    }

    [Fact]
    public async Task A_frozen_node_that_thaws_is_fenced()
    {
        var ends = new ConcurrentQueue<(string Node, long Token)>();
        await using var simulator = Simulate(
            b =>
                b.AddJob<TimeProvider>(
                    "long",
                    t => t.Cron("0 12 * * *"),
                    async (time, context, _) =>
                    {
                        await Task.Delay(TimeSpan.FromMinutes(10), time, CancellationToken.None);
                        ends.Enqueue((context.JobName, context.FencingToken));
                    }
                ),
            2
        );
        await simulator.AdvanceToAsync(Start.AddHours(12).AddMinutes(5));
        var held = await simulator.Jobs.ListAsync(JobState.Claimed);
        var zombie = simulator.Nodes.Single(n => n.Name == held[0].Node);
        simulator.Freeze(zombie.Index);
        await simulator.AdvanceAsync(TimeSpan.FromMinutes(30));
        simulator.Thaw(zombie.Index);
        await simulator.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, ends.Count); // both came to their end,
        var runs = Of(simulator, "long");
        Assert.Equal([ExecutionStatus.Abandoned, ExecutionStatus.Succeeded], runs.Select(e => e.Status)); // and one counts
        Assert.NotEqual(zombie.Name, runs[1].Node);
        Assert.True(runs[1].Id > runs[0].Id);
        // It is a member again.
        simulator.Crash(1 - zombie.Index);
        await simulator.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal((ExecutionStatus.Succeeded, zombie.Name), (Of(simulator, "long")[^1].Status, Of(simulator, "long")[^1].Node));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    [InlineData(-60)]
    public async Task A_node_whose_clock_jumps_runs_nothing_early_and_nothing_twice_and_leaves_nothing_out(int minutes)
    {
        var seen = new ConcurrentQueue<DateTimeOffset>();
        await using var simulator = Simulate(
            b =>
                b.AddJob<TimeProvider>(
                    "often",
                    t => t.Cron("* * * * *"),
                    (time, _, _) =>
                    {
                        seen.Enqueue(time.GetUtcNow());
                        return default;
                    }
                ),
            2
        );
        await simulator.AdvanceAsync(TimeSpan.FromMinutes(10));
        simulator.JumpClock(0, TimeSpan.FromMinutes(minutes));
        await simulator.AdvanceAsync(TimeSpan.FromMinutes(110));
        var runs = Of(simulator, "often");
        Assert.Equal(Enumerable.Range(1, 120).Select(m => Start.AddMinutes(m)), runs.Select(e => e.ScheduledAt));
        Assert.All(runs, e => Assert.Equal(e.ScheduledAt, e.StartedAt));
        Assert.All(runs, e => Assert.Equal(ExecutionStatus.Succeeded, e.Status));
        // The jobs see their node's clock, as they would.
        Assert.Contains(seen.Zip(runs), pair => (pair.First - pair.Second.StartedAt).Duration() > TimeSpan.FromMinutes(4));
    }

    [Theory]
    [InlineData(MisfirePolicy.Skip, 0)]
    [InlineData(MisfirePolicy.Once, 1)]
    [InlineData(MisfirePolicy.All, 100)]
    public async Task A_year_out_of_service_is_made_up_for_as_the_policy_says(MisfirePolicy policy, int expected)
    {
        await using var simulator = Simulate(b => b.AddJob("often", t => t.Cron("* * * * *").Misfire(policy), static (_, _) => default));
        await simulator.AdvanceAsync(TimeSpan.FromSeconds(150));
        Assert.Equal(2, Of(simulator, "often").Count);
        simulator.Crash(0);
        await simulator.AdvanceAsync(TimeSpan.FromDays(365));
        simulator.Restart(0);
        await simulator.AdvanceAsync(TimeSpan.FromSeconds(20)); // nothing is due meanwhile
        var made = Of(simulator, "often").Skip(2).ToList();
        Assert.Equal(expected, made.Count);
        Assert.All(made, e => Assert.Equal(ExecutionStatus.Succeeded, e.Status));
        if (policy == MisfirePolicy.All)
        {
            Assert.Equal(made.Select(e => e.ScheduledAt).Order(), made.Select(e => e.ScheduledAt));
            Assert.True(made[0].ScheduledAt > simulator.Now.AddMinutes(-102));
        }

        await simulator.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(2 + expected + 10, Of(simulator, "often").Count);
    }

    [Theory]
    [InlineData(MisfirePolicy.Skip, 0)]
    [InlineData(MisfirePolicy.Once, 1_000)]
    public async Task A_thousand_tasks_are_back_after_a_year_at_once(MisfirePolicy policy, int expected)
    {
        await using var simulator = Simulate(b => b.AddJob("often", null, static (_, _) => default));
        for (var i = 0; i < 1_000; i++)
        {
            await simulator.Scheduler.CreateAsync(
                new()
                {
                    Name = $"task {i}",
                    Job = "often",
                    Schedule = "* * * * *",
                    Misfire = policy,
                }
            );
        }

        simulator.Crash(0);
        await simulator.AdvanceAsync(TimeSpan.FromDays(365) + TimeSpan.FromSeconds(10));
        simulator.Restart(0);
        var watch = Stopwatch.StartNew();
        await simulator.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"It took {watch.Elapsed}."); // well below a second on a quiet machine
        Assert.Equal(expected, Of(simulator, "often").Count);
    }

    [Theory]
    [InlineData(OverlapPolicy.Skip, 4)]
    [InlineData(OverlapPolicy.Queue, 6)]
    [InlineData(OverlapPolicy.Replace, 12)]
    public async Task Runs_that_take_longer_than_their_schedule_overlap_as_the_policy_says(OverlapPolicy policy, int expected)
    {
        // Every 5 minutes for an hour, and each run takes 11.
        await using var simulator = Simulate(
            b => b.AddJob("long", t => t.Cron("*/5 * * * *").Overlap(policy), Delay(TimeSpan.FromMinutes(11))),
            3
        );
        await simulator.AdvanceAsync(TimeSpan.FromMinutes(61));
        await PauseAsync(simulator, "long");
        await simulator.AdvanceAsync(TimeSpan.FromMinutes(30));
        var runs = Of(simulator, "long");
        Assert.Equal(expected, runs.Count);
        Assert.Equal(runs.Select(e => e.ScheduledAt).Distinct(), runs.Select(e => e.ScheduledAt));
        if (policy == OverlapPolicy.Replace)
        {
            Assert.All(runs.SkipLast(1), e => Assert.Equal(ExecutionStatus.Cancelled, e.Status));
            Assert.Equal(ExecutionStatus.Succeeded, runs[^1].Status);
        }
        else
        {
            Assert.All(runs, e => Assert.Equal(ExecutionStatus.Succeeded, e.Status));
            // On whatever node: one at a time.
            Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.Second.StartedAt >= pair.First.CompletedAt));
        }
    }

    [Fact]
    public async Task Retries_come_after_pauses_of_virtual_time()
    {
        await using var simulator = Simulate(b =>
            b.AddJob(
                "flaky",
                t => t.Cron("0 12 * * *").Retry(RetryPolicy.Exponential(4, TimeSpan.FromMinutes(1), jitter: 0)),
                static (context, _) => context.Attempt < 4 ? throw new InvalidOperationException("no") : default
            )
        );
        await simulator.AdvanceAsync(TimeSpan.FromDays(1));
        var runs = Of(simulator, "flaky");
        Assert.Equal(
            [ExecutionStatus.Failed, ExecutionStatus.Failed, ExecutionStatus.Failed, ExecutionStatus.Succeeded],
            runs.Select(e => e.Status)
        );
        Assert.Equal([60, 120, 240], runs.Zip(runs.Skip(1)).Select(p => Math.Round((p.Second.StartedAt - p.First.StartedAt).TotalSeconds)));
    }

    [Fact]
    public async Task Pauses_that_are_left_to_chance_are_the_same_in_the_same_simulation_and_others_in_another()
    {
        var first = await InstantsAsync(seed: 1);
        Assert.Equal(2 * 10 * 4, first.Count);
        Assert.Equal(first, await InstantsAsync(seed: 1));
        Assert.NotEqual(first, await InstantsAsync(seed: 2));

        static async Task<List<(string, string?, DateTimeOffset)>> InstantsAsync(int seed)
        {
            await using var simulator = new SchedulerSimulator(
                services =>
                    services
                        .AddAutom8Scheduling()
                        .AddJob(
                            "flaky",
                            null,
                            static (context, _) => context.Attempt < 4 ? throw new InvalidOperationException("no") : default,
                            o => o.Retry = RetryPolicy.Exponential(4, TimeSpan.FromMinutes(1), jitter: 0.5)
                        ),
                new() { Nodes = 3, Seed = seed }
            );
            for (var i = 0; i < 20; i++)
            {
                await simulator.Jobs.EnqueueAsync("flaky", null, new() { Delay = TimeSpan.FromMinutes(i / 10) });
            }

            await simulator.AdvanceAsync(TimeSpan.FromHours(1));
            return [.. simulator.Executions.Select(static e => (e.Job, e.ErrorMessage, e.StartedAt)).OrderBy(static e => e.StartedAt)];
        }
    }

    [Fact]
    public async Task A_timeout_ends_a_run_on_virtual_time()
    {
        await using var simulator = Simulate(b =>
            b.AddJob("long", t => t.Cron("0 12 * * *").Timeout(TimeSpan.FromMinutes(5)), Delay(TimeSpan.FromHours(1)))
        );
        await simulator.AdvanceAsync(TimeSpan.FromDays(1));
        var run = Assert.Single(Of(simulator, "long"));
        Assert.Equal(ExecutionStatus.Failed, run.Status);
        Assert.Equal(5, Math.Round((run.CompletedAt!.Value - run.StartedAt).TotalMinutes));
    }

    [Fact]
    public async Task Enqueued_jobs_run_at_their_time_and_are_cancelled_at_once()
    {
        await using var simulator = Simulate(b => b.AddJob("long", null, Delay(TimeSpan.FromHours(1))), 2);
        var late = await simulator.Jobs.EnqueueAsync("long", null, new() { Delay = TimeSpan.FromHours(3) });
        await simulator.AdvanceAsync(TimeSpan.FromHours(3.5));
        Assert.Equal(JobState.Claimed, (await simulator.Jobs.FindAsync(late))!.State);
        Assert.True(await simulator.Jobs.CancelAsync(late));
        await simulator.AdvanceAsync(TimeSpan.Zero);
        var run = Assert.Single(Of(simulator, "long"));
        Assert.Equal((ExecutionStatus.Cancelled, simulator.Now), (run.Status, run.CompletedAt));
    }

    [Fact]
    public async Task A_job_that_waits_for_something_else_is_named()
    {
        var never = new TaskCompletionSource();
        await using var simulator = new SchedulerSimulator(
            s => s.AddAutom8Scheduling().AddJob("stuck", t => t.Cron("0 12 * * *"), async (_, _) => await never.Task),
            new() { Patience = TimeSpan.FromSeconds(5) }
        );
        var error = await Assert.ThrowsAsync<SimulationException>(() => simulator.AdvanceAsync(TimeSpan.FromDays(1)));
        Assert.Contains("'stuck' on node-0", error.Message, StringComparison.Ordinal);
        never.SetResult();
        await simulator.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal(2, Of(simulator, "stuck").Count);
    }

    private static SchedulerSimulator Simulate(Action<SchedulingBuilder> jobs, int nodes = 1) =>
        new(services => jobs(services.AddAutom8Scheduling()), new() { Start = Start, Nodes = nodes });

    private static Func<JobContext, CancellationToken, ValueTask> Delay(TimeSpan time) =>
        async (context, cancellationToken) =>
            await Task.Delay(time, context.Services.GetRequiredService<TimeProvider>(), cancellationToken);

    private static List<TaskExecution> Of(SchedulerSimulator simulator, string job) => [.. simulator.Executions.Where(e => e.Job == job)];

    private static async Task PauseAsync(SchedulerSimulator simulator, string name) =>
        await simulator.Scheduler.PauseAsync((await simulator.Scheduler.FindAsync(name))!.Id);

    private sealed class Invoices : IJob
    {
        public ValueTask RunAsync(JobContext context, CancellationToken cancellationToken) => default;
    }
}
