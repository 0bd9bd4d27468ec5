using System.Collections.Concurrent;
using System.Globalization;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Benchmarks.Scheduling.Gate;
using Autom8.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Quartz;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>How late schedules of every second run, by the clock of the machine.</summary>
internal sealed class LateRow : IRow
{
    private const int Schedules = 20;
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2);

    public string Name => "late";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        var time = TimeSpan.FromSeconds(options.Quick ? 6 : 12);
        await using var server = await SchedulerHosts.StartServerAsync();
        var (ours, quartz) = (await server.CreateDatabaseAsync(pool: 20), await server.CreateDatabaseAsync(pool: 40));
        List<double> early = [];
        var figures = await RoundRace.RunAsync(
            options,
            [
                ("ours", () => MeasureAsync(lateness => Task.FromResult(Ours(ours, lateness)), time, early)),
                (Peer.Quartz, () => MeasureAsync(lateness => QuartzAsync(quartz, lateness), time, [])),
            ]
        );
        var setting = string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL, {Schedules} schedules of every second, {time.TotalSeconds} s"
        );
        return
        [
            new Measure(Name, "lateness of a schedule (99 of 100)", setting, "20", "ms", figures[0], [figures[1]]),
            new Measure($"{Name}.early", "runs before their time", setting, "20", "runs", new Figure("ours", [early.Sum()]), []),
        ];
    }

    private static async Task<double> MeasureAsync(Func<Lateness, Task<IHost>> create, TimeSpan time, List<double> early)
    {
        var lateness = new Lateness();
        var host = await create(lateness);
        await host.StartAsync();
        await Task.Delay(SettleTime);
        lateness.Begin();
        await Task.Delay(time);
        var seen = lateness.End();
        await host.EndAsync();
        early.Add(seen.Count(late => late < 0));
        var expected = (int)(Schedules * (time.TotalSeconds - 2));
        return seen.Length >= expected
            ? RoundRace.Quantile(seen, 0.99)
            : throw new InvalidOperationException($"Of {expected} runs there were {seen.Length}.");
    }

    private static IHost Ours(string connectionString, Lateness lateness) =>
        SchedulerHosts.Ours(scheduling =>
        {
            scheduling.UsePostgreSql(connectionString);
            for (var i = 0; i < Schedules; i++)
            {
                scheduling.AddJob(
                    string.Create(CultureInfo.InvariantCulture, $"tick-{i}"),
                    task => task.Cron("* * * * * *"),
                    (context, _) =>
                    {
                        lateness.Note(context.ScheduledAt);
                        return default;
                    }
                );
            }
        });

    private static async Task<IHost> QuartzAsync(string connectionString, Lateness lateness)
    {
        var host = SchedulerHosts.Quartz(connectionString, services => services.AddSingleton(lateness).AddScoped<Tick>());
        var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        await scheduler.Clear();
        for (var i = 0; i < Schedules; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"tick-{i}");
            await scheduler.ScheduleJob(
                JobBuilder.Create<Tick>().WithIdentity(name).Build(),
                TriggerBuilder.Create().WithIdentity(name).WithCronSchedule("* * * * * ?").Build()
            );
        }

        return host;
    }

    private sealed class Tick(Lateness lateness) : Quartz.IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            lateness.Note(context.ScheduledFireTimeUtc!.Value);
            return default;
        }
    }

    private sealed class Lateness
    {
        private readonly ConcurrentQueue<double> _milliseconds = new();
        private volatile bool _counts;

        public void Begin() => _counts = true;

        public double[] End()
        {
            _counts = false;
            return [.. _milliseconds];
        }

        public void Note(DateTimeOffset due)
        {
            var late = TimeProvider.System.GetUtcNow() - due;
            if (_counts)
            {
                _milliseconds.Enqueue(late.TotalMilliseconds);
            }
        }
    }
}
