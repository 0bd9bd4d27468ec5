using Autom8.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder
    .Services.AddAutom8Scheduling()
    .UseSqlite("Data Source=data/tasks.db") // or .UsePostgreSql(connectionString)
    .AddJob<Greeting>("greeting", task => task.Cron("*/2 * * * * *")); // every other second; or: "0 7 * * MON-FRI", "Europe/Warsaw"
await builder.Build().RunAsync();

internal sealed class Greeting(IHostApplicationLifetime program) : IJob
{
    private static int runs;

    public async ValueTask RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        await Console.Out.WriteLineAsync($"Hello! Due at {context.ScheduledAt:O}, run number {context.FencingToken}");
        if (++runs == 3)
        {
            program.StopApplication(); // three will do; the next start goes on counting
        }
    }
}
