using System.Diagnostics;
using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>A source that fails after 50 ms, asked by a hundred callers at once: how often it is asked, and how long the slowest caller waits, in times of the source.</summary>
internal sealed class FailingRow : IRow
{
    private const int Callers = 100;
    private static readonly TimeSpan SourceTime = TimeSpan.FromMilliseconds(50);

    public string Name => "failing";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var caches = new Caches();
        var ours = caches.Ours();
        var hybrid = caches.Microsofts();
        var fusion = caches.Fusion();
        Ask[] asks =
        [
            async (key, source) => await ours.GetOrCreateAsync(key, source, static (source, _) => new ValueTask<string>(source())),
            async (key, source) => await hybrid.GetOrCreateAsync(key, source, static (source, _) => new ValueTask<string>(source())),
        ];
        var loads = asks.Select(_ => new List<double>()).ToArray();
        var slowest = asks.Select(_ => new List<double>()).ToArray();
        for (var round = -2; round < options.Rounds; round++)
        {
            for (var index = 0; index < asks.Length; index++)
            {
                var stampede = await StampedeAsync(asks[index], $"failing:{round}");
                if (round >= 0) // the first two rounds are for the compiler
                {
                    loads[index].Add(stampede.Loads);
                    slowest[index].Add(stampede.Slowest);
                }
            }
        }

        // Its callers ask the source one after the other, which takes seconds: once is enough.
        var queue = await StampedeAsync(async (key, source) => await fusion.GetOrSetAsync<string>(key, (_, _) => source()), "failing");
        return
        [
            new Measure(
                "failing.loads",
                "failing source, 100 callers: loads (the most of any round)",
                "LRU",
                $"{Callers} callers",
                "loads",
                new("ours", [loads[0].Max()]),
                [new(Peer.FusionCache, [queue.Loads]), new(Peer.HybridCache, [loads[1].Max()])]
            ),
            new Measure(
                "failing.slowest",
                "failing source of 50 ms, 100 callers: slowest caller",
                "LRU",
                $"{Callers} callers",
                "sources",
                new("ours", slowest[0]),
                [new(Peer.FusionCache, [queue.Slowest]), new(Peer.HybridCache, slowest[1])]
            ),
        ];
    }

    private static async Task<(int Loads, double Slowest)> StampedeAsync(Ask ask, string key)
    {
        var loads = 0;
        var source = TimeSpan.MaxValue;
        var callers = new Task<TimeSpan>[Callers];
        for (var i = 0; i < callers.Length; i++)
        {
            callers[i] = CallAsync();
        }

        var times = await Task.WhenAll(callers);
        return (loads, times.Max() / source);

        async Task<string> FailAsync()
        {
            Interlocked.Increment(ref loads);
            var begin = Stopwatch.GetTimestamp();
            await Task.Delay(SourceTime);
            source = Stopwatch.GetElapsedTime(begin);
            throw new IOException("The source is down.");
        }

        async Task<TimeSpan> CallAsync()
        {
            var begin = Stopwatch.GetTimestamp();
            try
            {
                await ask(key, FailAsync);
            }
            catch (IOException)
            {
                return Stopwatch.GetElapsedTime(begin);
            }

            throw new InvalidOperationException("A source that fails has brought a value.");
        }
    }

    private delegate Task Ask(string key, Func<Task<string>> source);
}
