using Autom8.Scheduling;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Autom8.Testing.Scheduling;

/// <summary>
/// A scheduler process on a SQLite file that is meant to be killed: it enqueues and runs at the same time, and prints the id of each job whose enqueue was acknowledged, in one write. What it has printed outlives it in the
/// pipe.
/// </summary>
public static class SqliteDrillNode
{
    /// <summary>What a line begins with that says that a job is durable.</summary>
    public const string Acknowledged = "acknowledged ";

    private const string Work = "work";
    private const int Producers = 4;

    /// <summary>Runs and enqueues until it is killed.</summary>
    /// <param name="connectionString">The file.</param>
    public static async Task RunAsync(string connectionString)
    {
        using var host = Build(connectionString);
        await host.StartAsync();
        var queue = host.Services.GetRequiredService<IJobQueue>();
        await using var output = Console.OpenStandardOutput();
        await Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => Task.Run(() => EnqueueAsync(queue, output))));
    }

    /// <summary>The application: a job, and a task of every second. It enqueues nothing.</summary>
    /// <param name="connectionString">The file.</param>
    public static IHost Build(string connectionString)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder
            .Services.AddAutom8Scheduling(options =>
            {
                options.MaxConcurrency = 20;
                options.MaxAttempts = 100; // a drill kills more than a poison job would
            })
            .UseSqlite(connectionString)
            .AddJob(Work, null, WorkAsync)
            .AddJob(
                "tick",
                task => task.Cron("* * * * * *").Misfire(MisfirePolicy.All, limit: 10_000).Overlap(OverlapPolicy.Skip, maxActive: 1_000),
                WorkAsync
            );
        return builder.Build();
    }

    private static async ValueTask WorkAsync(JobContext context, CancellationToken cancellationToken) =>
        await Task.Delay(Random.Shared.Next(0, 20), cancellationToken);

    private static async Task EnqueueAsync(IJobQueue queue, Stream output)
    {
        while (true)
        {
            var id = await queue.EnqueueAsync(Work, null);
            var line = System.Text.Encoding.ASCII.GetBytes($"{Acknowledged}{id}\n");
            lock (output)
            {
                output.Write(line);
            }

            await Task.Delay(Random.Shared.Next(0, 6));
        }
    }
}
