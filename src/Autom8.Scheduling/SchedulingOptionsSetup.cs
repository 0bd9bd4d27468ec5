using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Autom8.Scheduling;

/// <summary>Binds the options where there is a configuration, and checks them.</summary>
internal sealed class SchedulingOptionsSetup(IServiceProvider services)
    : IConfigureOptions<SchedulingOptions>,
        IValidateOptions<SchedulingOptions>
{
    private const string Section = "Autom8:Scheduling";

    public void Configure(SchedulingOptions options) => services.GetService<IConfiguration>()?.GetSection(Section).Bind(options);

    public ValidateOptionsResult Validate(string? name, SchedulingOptions options)
    {
        var wrong = new List<string>();
        Check(nameof(options.MaxConcurrency), options.MaxConcurrency is >= 1 and <= 1_000, "1 to 1000");
        Between(nameof(options.ClaimAhead), options.ClaimAhead, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        foreach (var (executor, settings) in options.Executors)
        {
            Check($"Executors:{executor}:MaxConcurrency", settings.MaxConcurrency is >= 1 and <= 1_000, "1 to 1000");
        }

        foreach (
            var queue in options
                .AllExecutors()
                .SelectMany(static e => e.Value.Queues)
                .GroupBy(static q => q)
                .Where(static g => g.Count() > 1)
        )
        {
            wrong.Add($"{Section}:Executors name the queue '{queue.Key}' more than once. It must belong to one executor.");
        }

        Between(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Between(nameof(options.LeaseDuration), options.LeaseDuration, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between(nameof(options.ShutdownGrace), options.ShutdownGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
        Between(nameof(options.StuckAfter), options.StuckAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between(nameof(options.MisfireThreshold), options.MisfireThreshold, TimeSpan.Zero, TimeSpan.FromDays(1));
        Check(nameof(options.MaxAttempts), options.MaxAttempts is >= 1 and <= 100, "1 to 100");
        Between(nameof(options.HistoryRetention), options.HistoryRetention, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3_653));
        Check(nameof(options.Node), options.Node is { Length: >= 1 and <= 100 }, "a name of 1 to 100 characters");
        wrong.AddRange(DeclaredTasks.Problems(services.GetRequiredService<JobCatalog>(), options, Section));
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Between(string setting, TimeSpan value, TimeSpan least, TimeSpan most) =>
            Check(setting, value >= least && value <= most, $"from {least} to {most}");

        void Check(string setting, bool right, string range)
        {
            if (!right)
            {
                wrong.Add($"{Section}:{setting} must be {range}.");
            }
        }
    }
}
