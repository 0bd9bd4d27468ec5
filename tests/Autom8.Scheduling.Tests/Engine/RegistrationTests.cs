using System.Diagnostics.Metrics;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Scheduling.Tests.Engine;

public sealed class RegistrationTests : IDisposable
{
    private readonly SqliteTestDatabase _database = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 10, 7, 30, TimeSpan.Zero));

    public void Dispose() => _database.Dispose();

    [Fact]
    public void Settings_come_from_the_configuration_and_code_has_the_last_word()
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        ["Autom8:Scheduling:MaxConcurrency"] = "3",
                        ["Autom8:Scheduling:HistoryRetention"] = "7.00:00:00",
                        ["Autom8:Scheduling:RunTasks"] = "false",
                    }
                )
                .Build()
        );
        services.AddAutom8Scheduling(o => o.MaxConcurrency++);
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<SchedulingOptions>>().Value;
        Assert.Equal((4, TimeSpan.FromDays(7), false), (options.MaxConcurrency, options.HistoryRetention, options.RunTasks));
    }

    [Fact]
    public void Wrong_settings_are_named_with_their_range()
    {
        var services = new ServiceCollection();
        services.AddAutom8Scheduling(o =>
        {
            o.MaxConcurrency = 0;
            o.LeaseDuration = TimeSpan.Zero;
        });
        using var provider = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<SchedulingOptions>>().Value);
        Assert.Contains("Autom8:Scheduling:MaxConcurrency must be 1 to 1000.", error.Failures);
        Assert.Contains(error.Failures, f => f.StartsWith("Autom8:Scheduling:LeaseDuration", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_store_tasks_are_kept_in_memory()
    {
        var services = new ServiceCollection();
        services.AddAutom8Scheduling().AddJob<ProbeJob>("probe");
        await using var provider = services.BuildServiceProvider();
        var scheduler = provider.GetRequiredService<IScheduler>();
        var task = await scheduler.CreateAsync(Valid);
        Assert.Equal(task, await scheduler.FindAsync("one"));
    }

    [Fact]
    public async Task Registering_twice_is_registering_once()
    {
        var services = new ServiceCollection();
        _database.Use(services.AddAutom8Scheduling());
        _database.Use(services.AddAutom8Scheduling());
        await using var provider = services.BuildServiceProvider();
        Assert.Single(provider.GetServices<IHostedService>());
        Assert.Equal(["cleanup"], provider.GetRequiredService<IScheduler>().Jobs);
    }

    [Theory]
    [InlineData("0 0 30 2 *", "UTC")]
    [InlineData("every day", "UTC")]
    [InlineData("* * * * *", "Mars/Olympus")]
    [InlineData("", "UTC")]
    public void A_declaration_that_cannot_run_is_refused_where_it_stands(string schedule, string zone)
    {
        var builder = new ServiceCollection().AddAutom8Scheduling();
        var error = Assert.Throws<SchedulingException>(() => builder.AddJob<ProbeJob>("probe", t => t.Cron(schedule, zone)));
        Assert.Equal(SchedulingError.Invalid, error.Error);
    }

    [Theory]
    [InlineData("cleanup")]
    [InlineData("a b")]
    [InlineData("a\"b")]
    public void A_job_name_that_is_taken_or_malformed_is_refused(string name)
    {
        var builder = new ServiceCollection().AddAutom8Scheduling();
        Assert.Equal(SchedulingError.Misconfigured, Assert.Throws<SchedulingException>(() => builder.AddJob<ProbeJob>(name)).Error);
    }

    public static TheoryData<string, TaskDefinition> Refused() =>
        new()
        {
            { "Name", Valid with { Name = "" } },
            { "Name", Valid with { Name = " a" } },
            { "Name", Valid with { Name = "a\u0007" } },
            { "Name", Valid with { Name = new string('a', 101) } },
            { "Job", Valid with { Job = "unknown" } },
            { "Schedule", Valid with { Schedule = "* * *" } },
            { "Schedule", Valid with { Schedule = "0 0 31 2 *" } },
            { "TimeZone", Valid with { TimeZone = "Mars/Olympus" } },
            { "Payload", Valid with { Payload = "{" } },
            { "Payload", Valid with { Payload = "\"" + new string('a', 70_000) + "\"" } },
            { "Timeout", Valid with { Timeout = TimeSpan.Zero } },
            { "Timeout", Valid with { Timeout = TimeSpan.FromDays(8) } },
            { "Misfire", Valid with { Misfire = (MisfirePolicy)7 } },
            { "Retry.MaxAttempts", Valid with { Retry = new() { MaxAttempts = 0 } } },
            {
                "Retry.Delay",
                Valid with
                {
                    Retry = new() { MaxAttempts = 2, Delay = TimeSpan.FromDays(8) },
                }
            },
            {
                "Retry.Factor",
                Valid with
                {
                    Retry = new() { MaxAttempts = 2, Factor = double.NaN },
                }
            },
            {
                "Retry.MaxDelay",
                Valid with
                {
                    Retry = new() { MaxAttempts = 2, MaxDelay = TimeSpan.FromTicks(-1) },
                }
            },
            {
                "Retry.Jitter",
                Valid with
                {
                    Retry = new() { MaxAttempts = 2, Jitter = 1.1 },
                }
            },
            { "Alerts.LateAfter", Valid with { Alerts = new() { LateAfter = TimeSpan.FromTicks(-1) } } },
            { "Alerts.ExpectSuccessEvery", Valid with { Alerts = new() { ExpectSuccessEvery = TimeSpan.FromMilliseconds(999) } } },
            { "Alerts.RemindEvery", Valid with { Alerts = new() { RemindEvery = TimeSpan.MaxValue } } },
        };

    private static TaskDefinition Valid =>
        new()
        {
            Name = "one",
            Job = "probe",
            Schedule = "* * * * *",
        };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task A_definition_that_cannot_be_used_is_refused_by_field_and_nothing_is_written(string field, TaskDefinition definition)
    {
        await using var node = new TestNode(_database, _time);
        var error = await Assert.ThrowsAsync<SchedulingException>(async () => await node.Scheduler.CreateAsync(definition));
        Assert.Equal((SchedulingError.Invalid, field), (error.Error, error.Field));
        var task = await node.Scheduler.CreateAsync(Valid);
        error = await Assert.ThrowsAsync<SchedulingException>(async () => await node.Scheduler.UpdateAsync(task.Id, definition, 1));
        Assert.Equal((SchedulingError.Invalid, field), (error.Error, error.Field));
        Assert.Equal([task], (await node.Scheduler.ListAsync()).Items);
    }

    [Fact]
    public async Task A_scope_is_made_for_every_run_and_disposed_after_it()
    {
        var scoped = new List<ScopedThing>();
        await using var node = new TestNode(
            _database,
            _time,
            jobs: b => b.AddJob<ScopedJob>("probe"),
            more: s => s.AddScoped<ScopedThing>().AddSingleton(scoped)
        );
        var task = await node.Scheduler.CreateAsync(Valid);
        for (int i = 0; i < 2; i++)
        {
            await node.Scheduler.TriggerAsync(task.Id);
            await node.PumpAsync();
        }
        Assert.Equal(2, scoped.Distinct().Count());
        Assert.All(scoped, s => Assert.True(s.Disposed));
    }

    [Fact]
    public async Task A_job_that_cannot_be_made_is_a_failed_run()
    {
        await using var node = new TestNode(_database, _time, jobs: b => b.AddJob<ScopedJob>("probe"));
        var task = await node.Scheduler.CreateAsync(Valid);
        await node.Scheduler.TriggerAsync(task.Id);
        await node.PumpAsync();
        Assert.Equal(ExecutionStatus.Failed, (await node.Scheduler.ListExecutionsAsync(task.Id)).Items.Single().Status);
    }

    [Fact]
    public async Task The_meter_counts_outcomes_and_measures_lateness()
    {
        await using var node = new TestNode(_database, _time, jobs: b => b.AddJob<ProbeJob>("metered"));
        var measured = new List<(string Instrument, double Value, string? Status)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Autom8.Scheduling")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((i, v, tags, _) => Add(i, v, tags));
        listener.SetMeasurementEventCallback<double>((i, v, tags, _) => Add(i, v, tags));
        listener.Start();
        var task = await node.Scheduler.CreateAsync(Valid with { Job = "metered", Schedule = "8 10 * * *" });
        _time.Advance(TimeSpan.FromSeconds(42));
        await node.PumpAsync();
        node.Probe.Behaviour = (_, _) => throw new InvalidOperationException();
        await node.Scheduler.TriggerAsync(task.Id);
        await node.PumpAsync();
        Assert.Equal(
            ["succeeded", "failed"],
            measured.Where(m => m.Instrument.EndsWith("executions", StringComparison.Ordinal)).Select(m => m.Status)
        );
        Assert.Equal(
            [12, 0],
            measured.Where(m => m.Instrument.EndsWith("lateness", StringComparison.Ordinal)).Select(m => Math.Round(m.Value))
        );

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            // Other tests measure too, at the same time.
            bool mine = false;
            string? status = null;
            foreach (var tag in tags)
            {
                mine |= tag is { Key: "job", Value: "metered" };
                status = tag.Key == "status" ? (string?)tag.Value : status;
            }
            if (mine)
                measured.Add((instrument.Name, value, status));
        }
    }

    [Fact]
    public async Task Occurrences_that_are_left_out_are_counted_by_reason()
    {
        await using var node = new TestNode(_database, _time, jobs: b => b.AddJob<ProbeJob>("leftOut"));
        var reasons = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "autom8.scheduling.skipped")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>(
            (_, value, tags, _) =>
            {
                var all = tags.ToArray().ToDictionary(static t => t.Key, static t => (string?)t.Value);
                if (all["job"] == "leftOut")
                    reasons.AddRange(Enumerable.Repeat(all["reason"]!, (int)value));
            }
        );
        listener.Start();
        var end = new TaskCompletionSource();
        node.Probe.Behaviour = (_, _) => new ValueTask(end.Task);
        await node.Scheduler.CreateAsync(Valid with { Job = "leftOut", Schedule = "* * * * *", Misfire = MisfirePolicy.Skip });
        _time.Advance(TimeSpan.FromMinutes(1));
        await node.BeginAsync();
        await node.Probe.BegunAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        await node.BeginAsync();
        end.SetResult();
        await node.WhenIdleAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        await node.PumpAsync();
        Assert.Equal(["overlap", "misfire"], reasons);
    }

    private sealed class ScopedThing : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }

    private sealed class ScopedJob(ScopedThing thing, List<ScopedThing> seen) : IJob
    {
        public ValueTask RunAsync(JobContext context, CancellationToken cancellationToken)
        {
            Assert.False(thing.Disposed);
            seen.Add(thing);
            return default;
        }
    }
}
