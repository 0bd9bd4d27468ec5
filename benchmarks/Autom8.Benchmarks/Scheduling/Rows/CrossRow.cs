using System.Diagnostics;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Contenders;
using Autom8.Scheduling;
using Autom8.Scheduling.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>From the call that enqueues, on a node that runs no jobs, to the start on another one.</summary>
internal sealed class CrossRow : IRow
{
    private const int Jobs = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);

    public string Name => "cross";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        await using var server = await SchedulerHosts.StartServerAsync();
        var connectionString = await server.CreateDatabaseAsync(pool: 20);
        var runs = new RunCount();
        var here = SchedulerHosts.Ours(Use, node => node.RunTasks = false);
        var there = SchedulerHosts.Ours(Use);
        await here.StartAsync();
        await there.StartAsync();
        var queue = here.Services.GetRequiredService<IJobQueue>();
        var figures = await RoundRace.RunAsync(options, [("ours", MeasureAsync)]);
        await here.EndAsync();
        await there.EndAsync();
        return
        [
            new Measure(Name, "enqueue to start on another node (99 of 100)", $"PostgreSQL, {Jobs} one by one", "1", "ms", figures[0], []),
        ];

        void Use(SchedulingBuilder scheduling)
        {
            scheduling.Services.AddSingleton(runs);
            scheduling.UsePostgreSql(connectionString).AddJob<OurContender.SendLetter, Letter>("letter", LetterJson.Default.Letter);
        }

        async Task<double> MeasureAsync()
        {
            var times = new double[Jobs];
            for (var i = 0; i < Jobs; i++)
            {
                await Task.Delay(Pause);
                runs.Expect(1);
                var begin = Stopwatch.GetTimestamp();
                await queue.EnqueueAsync<OurContender.SendLetter, Letter>(Letter.Of(i));
                await runs.All;
                times[i] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            }

            return RoundRace.Quantile(times, 0.99);
        }
    }
}
