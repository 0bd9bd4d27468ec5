using System.Text.Json.Serialization;
using Autom8.Scheduling;
using Autom8.Scheduling.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder
    .Services.AddAutom8Scheduling()
    .UseSqlite("Data Source=data/tasks.db") // or .UsePostgreSql(connectionString)
    .AddJob("greeting", task => task.Cron("*/2 * * * * *"), (run, _) => Say($"Hello! Due at {run.ScheduledAt:O}, run {run.FencingToken}")) // or: "0 7 * * MON-FRI", "Europe/Warsaw"
    .AddJob<Mailing, Letter>(
        "mailing",
        LetterJson.Default.Letter,
        configure: job => job.Retry = RetryPolicy.Exponential(5, TimeSpan.FromSeconds(1))
    );
using var host = builder.Build();
await host.StartAsync();
await host
    .Services.GetRequiredService<IJobQueue>()
    .EnqueueAsync<Mailing, Letter>(new Letter("ada@example.org"), new() { Delay = TimeSpan.FromSeconds(3) });
await host.WaitForShutdownAsync(); // Ctrl+C, or kill it: the next start goes on, and the letter is not lost

static async ValueTask Say(string text) => await Console.Out.WriteLineAsync(text);

internal sealed record Letter(string To);

internal sealed class Mailing(IHostApplicationLifetime program) : IJob<Letter>
{
    public async ValueTask RunAsync(Letter letter, JobContext context, CancellationToken cancellationToken)
    {
        await Console.Out.WriteLineAsync($"To {letter.To}, attempt {context.Attempt}");
        program.StopApplication(); // that will do
    }
}

[JsonSerializable(typeof(Letter))]
internal sealed partial class LetterJson : JsonSerializerContext;
