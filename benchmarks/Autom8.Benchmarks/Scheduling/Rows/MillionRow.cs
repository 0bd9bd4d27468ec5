using System.Diagnostics;
using System.Globalization;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Scheduling;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>A million cron schedules in memory: how long it takes until all of them are scheduled, what they occupy, and what the engine does while none is due.</summary>
internal sealed class MillionRow : IRow
{
    private const int Tasks = 1_000_000;
    private const int Few = 20_000;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6); // of the compiler, and of the collector, which gives memory back little by little
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public string Name => "million";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        // Once more than is counted: the compiler has done its work by then.
        await MeasureAsync(Few);
        List<double> seconds = [];
        List<double> megabytes = [];
        List<double> idle = [];
        for (var round = 0; round < (options.Quick ? 1 : 3); round++)
        {
            var (took, occupies, works) = await MeasureAsync(Tasks);
            seconds.Add(took);
            megabytes.Add(occupies);
            idle.Add(works);
        }

        const string setting = "in memory, daily at 1,440 times, Europe/Warsaw";
        return
        [
            new Measure(Name, "scheduled", setting, "1", "s", new Figure("ours", seconds), []),
            new Measure($"{Name}.memory", "occupied", setting, "1", "MB", new Figure("ours", megabytes), []),
            new Measure($"{Name}.idle", "CPU while nothing is due", setting, "1", "ms/s", new Figure("ours", idle), []),
        ];
    }

    private async Task<(double Seconds, double Megabytes, double Idle)> MeasureAsync(int count)
    {
        using var process = Process.GetCurrentProcess();
        var host = SchedulerHosts.Ours(scheduling => scheduling.AddJob(Name, null, static (_, _) => default));
        await host.StartAsync();
        var scheduler = host.Services.GetRequiredService<IScheduler>();
        // None of them is due while it is measured.
        var hour = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(6).Hour;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            await scheduler.CreateAsync(
                new TaskDefinition
                {
                    Name = string.Create(CultureInfo.InvariantCulture, $"task {i}"),
                    Job = Name,
                    Schedule = string.Create(CultureInfo.InvariantCulture, $"{i % 60} {(hour + (i / 60 % 12)) % 24} * * {i / 720 % 2}-6"),
                    TimeZone = "Europe/Warsaw",
                }
            );
        }

        var took = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var occupies = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;
        await Task.Delay(Settling);
        process.Refresh();
        var used = process.TotalProcessorTime;
        await Task.Delay(Idle);
        process.Refresh();
        var works = (process.TotalProcessorTime - used).TotalMilliseconds / Idle.TotalSeconds;
        await host.EndAsync();
        return (took, occupies, works);
    }
}
