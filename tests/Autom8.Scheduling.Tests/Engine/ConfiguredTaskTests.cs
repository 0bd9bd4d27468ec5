using Autom8.Scheduling.Alerts;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Monitoring;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Scheduling.Tests.Engine;

/// <summary>Tasks that the settings declare.</summary>
public sealed class ConfiguredTaskTests : IDisposable
{
    private readonly SqliteTestDatabase _database = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 10, 7, 30, TimeSpan.Zero));

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task A_task_of_the_settings_is_made_and_what_an_operator_changed_outlives_new_settings()
    {
        await using (
            var node = Node(
                ("nightly:Job", "probe"),
                ("nightly:Schedule", "0 3 * * *"),
                ("nightly:TimeZone", "Europe/Warsaw"),
                ("nightly:Payload", """{"days":7}"""),
                ("nightly:Misfire", "All"),
                ("nightly:Timeout", "00:05:00"),
                ("nightly:Priority", "High")
            )
        )
        {
            await node.DeclareAsync();
            var task = (await node.Scheduler.FindAsync("nightly"))!;
            Assert.Equal(("probe", "0 3 * * *", "Europe/Warsaw", """{"days":7}"""), (task.Job, task.Schedule, task.TimeZone, task.Payload));
            Assert.Equal(
                (MisfirePolicy.All, TimeSpan.FromMinutes(5), Jobs.JobPriority.High),
                (task.Misfire, task.Timeout!.Value, task.Priority!.Value)
            );
            await node.Scheduler.PauseAsync(task.Id);
        }

        await using (var node = Node(("nightly:Job", "probe"), ("nightly:Schedule", "0 4 * * *")))
        {
            await node.DeclareAsync();
            var task = (await node.Scheduler.FindAsync("nightly"))!;
            Assert.Equal(("0 4 * * *", false, "UTC"), (task.Schedule, task.Enabled, task.TimeZone));
        }

        await using (var node = Node(("nightly:Job", "probe"), ("nightly:Schedule", "0 4 * * *"), ("nightly:Authoritative", "true")))
        {
            await node.DeclareAsync();
            Assert.True((await node.Scheduler.FindAsync("nightly"))!.Enabled);
        }
    }

    [Fact]
    public async Task The_settings_change_what_they_name_of_a_task_that_code_declares()
    {
        await using var node = new TestNode(
            _database,
            _time,
            jobs: b => b.AddJob<ProbeJob>("probe", t => t.Cron("0 3 * * *", "Europe/Warsaw").Payload("1")),
            more: s => s.AddSingleton(Settings(("PROBE:Schedule", "0 5 * * *")))
        );
        await node.DeclareAsync();
        Assert.Equal(["cleanup", "probe"], (await node.Scheduler.ListAsync()).Items.Select(t => t.Name));
        var task = (await node.Scheduler.FindAsync("probe"))!;
        Assert.Equal(("0 5 * * *", "Europe/Warsaw", "1"), (task.Schedule, task.TimeZone, task.Payload));
    }

    [Fact]
    public async Task Policies_of_the_settings_change_what_they_name_of_those_that_code_declares()
    {
        await using var node = new TestNode(
            _database,
            _time,
            jobs: b =>
                b.AddJob<ProbeJob>(
                    "probe",
                    t =>
                        t.Cron("0 3 * * *")
                            .Retry(RetryPolicy.Exponential(5, TimeSpan.FromSeconds(10)))
                            .Alerts(new() { OnFailure = false, LateAfter = TimeSpan.FromMinutes(1) })
                ),
            more: s =>
                s.AddSingleton(
                    Settings(
                        ("probe:Retry:MaxAttempts", "7"),
                        ("probe:Retry:Jitter", "0.5"),
                        ("probe:Alerts:RemindEvery", "04:00:00"),
                        ("other:Job", "probe"),
                        ("other:Schedule", "0 4 * * *"),
                        ("other:Retry:MaxAttempts", "3"),
                        ("other:Alerts:ExpectSuccessEvery", "1.00:00:00"),
                        ("plain:Job", "probe"),
                        ("plain:Schedule", "0 4 * * *")
                    )
                )
        );
        await node.DeclareAsync();
        var probe = (await node.Scheduler.FindAsync("probe"))!;
        Assert.Equal(RetryPolicy.Exponential(7, TimeSpan.FromSeconds(10), jitter: 0.5), probe.Retry);
        Assert.Equal(
            new AlertPolicy
            {
                OnFailure = false,
                LateAfter = TimeSpan.FromMinutes(1),
                RemindEvery = TimeSpan.FromHours(4),
            },
            probe.Alerts
        );
        var other = (await node.Scheduler.FindAsync("other"))!;
        Assert.Equal(RetryPolicy.Fixed(3, TimeSpan.Zero), other.Retry);
        Assert.Equal(new AlertPolicy { ExpectSuccessEvery = TimeSpan.FromDays(1) }, other.Alerts);
        var plain = (await node.Scheduler.FindAsync("plain"))!;
        Assert.Null(plain.Retry);
        Assert.Null(plain.Alerts);
    }

    [Theory]
    [InlineData("nightly:Schedule", "0 25 * * *", "Autom8:Scheduling:Tasks:nightly:Schedule: Column 3:")]
    [InlineData("nightly:TimeZone", "Mars/Olympus", "Autom8:Scheduling:Tasks:nightly:TimeZone: ")]
    [InlineData("nightly:Job", "unknown", "Autom8:Scheduling:Tasks:nightly:Job: ")]
    [InlineData("nightly:Payload", "{", "Autom8:Scheduling:Tasks:nightly:Payload: ")]
    [InlineData("nightly:Retry:MaxAttempts", "101", "Autom8:Scheduling:Tasks:nightly:Retry:MaxAttempts: ")]
    [InlineData("nightly:Retry:Delay", "8.00:00:00", "Autom8:Scheduling:Tasks:nightly:Retry:Delay: ")]
    [InlineData("nightly:Alerts:LateAfter", "-00:00:01", "Autom8:Scheduling:Tasks:nightly:Alerts:LateAfter: ")]
    [InlineData("nightly:Alerts:RemindEvery", "00:00:59", "Autom8:Scheduling:Tasks:nightly:Alerts:RemindEvery: ")]
    [InlineData("nightly:MaxActive", "0", "Autom8:Scheduling:Tasks:nightly:MaxActive: ")]
    [InlineData(" other:Job", "probe", "Autom8:Scheduling:Tasks: other: ")]
    public void What_is_wrong_is_said_by_the_name_of_the_setting(string setting, string value, string expected)
    {
        var services = new ServiceCollection().AddSingleton(
            Settings(("nightly:Job", "probe"), ("nightly:Schedule", "0 3 * * *"), (setting, value))
        );
        services.AddAutom8Scheduling().AddJob<ProbeJob>("probe");
        using var provider = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<SchedulingOptions>>().Value);
        Assert.StartsWith(expected, Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_tells_of_membership_heartbeat_and_clock()
    {
        await using var node = new TestNode(_database, _time);
        var health = node.Services.GetRequiredService<SchedulerHealth>();
        Assert.Equal((true, false, null), (health.RunsTasks, health.IsMember, health.SinceHeartbeat));
        await node.PumpAsync();
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(health.IsMember);
        Assert.InRange(health.SinceHeartbeat!.Value, TimeSpan.FromSeconds(4), health.LeaseDuration);
        Assert.InRange(health.ClockUncertainty, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private TestNode Node(params (string Key, string Value)[] tasks) => new(_database, _time, more: s => s.AddSingleton(Settings(tasks)));

    private static IConfiguration Settings(params (string Key, string Value)[] tasks)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in tasks)
        {
            settings["Autom8:Scheduling:Tasks:" + key] = value;
        }

        return new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
    }
}
