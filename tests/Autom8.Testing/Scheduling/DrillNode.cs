using Autom8.Scheduling;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Autom8.Testing.Scheduling;

/// <summary>
/// A scheduler process that is meant to be killed: it runs tasks of every second and whatever is enqueued, and writes each start into the table <c>drill_start</c> before it does anything else, in a commit of its own.
/// So the table knows of every run that began, also of those that nobody could report.
/// </summary>
public static class DrillNode
{
    /// <summary>How many tasks of every second there are.</summary>
    public const int Tasks = 5;

    /// <summary>The job that the drill enqueues.</summary>
    public const string Work = "work";

    /// <summary>A job that runs for as long as its node lives.</summary>
    public const string Hold = "hold";

    /// <summary>The table of starts.</summary>
    public const string Schema =
        "create table drill_start (claim bigint not null, job_id uuid not null, task text, slot timestamptz not null, node text not null, started_at timestamptz not null default clock_timestamp())";

    /// <summary>Runs until it is told to stop, or killed.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="node">What it is called.</param>
    public static async Task RunAsync(string connectionString, string node)
    {
        await using var starts = NpgsqlDataSource.Create(connectionString);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(starts);
        var scheduling = builder
            .Services.AddAutom8Scheduling(options =>
            {
                options.Node = node;
                options.MaxConcurrency = 20;
                options.LeaseDuration = TimeSpan.FromSeconds(3);
                options.ShutdownGrace = TimeSpan.FromSeconds(2);
                options.MaxAttempts = 100; // a drill kills more than a poison job would
            })
            .UsePostgreSql(connectionString)
            .AddJob<NpgsqlDataSource>(Work, null, NoteAndWorkAsync, Persevere)
            .AddJob<NpgsqlDataSource>(Hold, null, NoteAndHoldAsync);
        for (var i = 0; i < Tasks; i++)
        {
            scheduling.AddJob<NpgsqlDataSource>(
                $"tick-{i}",
                task => task.Cron("* * * * * *").Misfire(MisfirePolicy.All, limit: 10_000).Overlap(OverlapPolicy.Skip, maxActive: 1_000),
                NoteAndWorkAsync,
                Persevere
            );
        }

        await builder.Build().RunAsync();
    }

    // What it writes to is the server that the drill restarts.
    private static void Persevere(JobOptions job) => job.Retry = RetryPolicy.Fixed(100, TimeSpan.FromMilliseconds(200));

    private static async ValueTask NoteAndWorkAsync(NpgsqlDataSource starts, JobContext context, CancellationToken cancellationToken)
    {
        await NoteAsync(starts, context);
        await Task.Delay(Random.Shared.Next(0, 300), cancellationToken);
    }

    private static async ValueTask NoteAndHoldAsync(NpgsqlDataSource starts, JobContext context, CancellationToken cancellationToken)
    {
        await NoteAsync(starts, context);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private static async ValueTask NoteAsync(NpgsqlDataSource starts, JobContext context)
    {
        await using var command = starts.CreateCommand("insert into drill_start values ($1, $2, $3, $4, $5)");
        command.Parameters.Add(new() { Value = context.FencingToken });
        command.Parameters.Add(new() { Value = context.JobId });
        command.Parameters.Add(new() { Value = (object?)context.TaskName ?? DBNull.Value });
        command.Parameters.Add(new() { Value = context.ScheduledAt.UtcDateTime });
        command.Parameters.Add(new() { Value = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
