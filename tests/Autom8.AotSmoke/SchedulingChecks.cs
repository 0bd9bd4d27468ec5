using Autom8.Scheduling;
using Autom8.Scheduling.Cron;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static Autom8.AotSmoke.SmokeCheck;

namespace Autom8.AotSmoke;

internal static class SchedulingChecks
{
    public static IEnumerable<SmokeCheck> All =>
        [
            new("An occurrence inside the skipped hour comes right after it", ComesAfterTheGap),
            new("A task is created on SQLite, found, and run when triggered", RunsAsync),
        ];

    private static Task ComesAfterTheGap()
    {
        // In Warsaw on 28 March 2027 the clock goes from 2:00 to 3:00, which is 1:00 UTC.
        var next = CronSchedule.Parse("30 2 * * *", "Europe/Warsaw").Next(new DateTimeOffset(2027, 3, 27, 12, 0, 0, TimeSpan.Zero));

        Require(next == new DateTimeOffset(2027, 3, 28, 1, 0, 0, TimeSpan.Zero), $"The next occurrence is {next:O}.");
        return Task.CompletedTask;
    }

    private static async Task RunsAsync()
    {
        using var scratch = new Scratch();
        var ran = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var services = new ServiceCollection().AddSingleton(ran);
        services.AddAutom8Scheduling().UseSqlite(scratch.Sqlite).AddJob<Notice>("notice");
        await using var provider = services.BuildServiceProvider();
        var engine = provider.GetServices<IHostedService>().ToArray();
        foreach (var service in engine)
        {
            await service.StartAsync(CancellationToken.None);
        }

        var scheduler = provider.GetRequiredService<IScheduler>();
        var task = await scheduler.CreateAsync(
            new TaskDefinition
            {
                Name = "yearly",
                Job = "notice",
                Schedule = "@yearly",
                Payload = """{"to":"all"}""",
            }
        );
        await scheduler.TriggerAsync(task.Id);
        var payload = await ran.Task.WaitAsync(TimeSpan.FromSeconds(30));
        foreach (var service in engine)
        {
            await service.StopAsync(CancellationToken.None);
        }

        var found = await scheduler.FindAsync("yearly");
        Require(found?.Id == task.Id && found.Status == ScheduledTaskStatus.Succeeded, $"The task found is {found}.");
        Require(payload == """{"to":"all"}""", $"The job was handed {payload}.");
    }
}

internal sealed class Notice(TaskCompletionSource<string?> ran) : IJob
{
    public ValueTask RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        ran.TrySetResult(context.Payload);
        return ValueTask.CompletedTask;
    }
}
