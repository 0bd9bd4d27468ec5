using System.Diagnostics;
using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;
using Autom8.Testing;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>Redis is stopped in its tracks (SIGSTOP). What a cold key costs over the time of its source: the first one after the stop, and those that follow one by one.</summary>
internal sealed class FrozenRow : IRow
{
    private const int Rounds = 3;
    private const int Warm = 200;

    public string Name => "frozen";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        await using var server = await RedisServer.StartAsync();
        List<Outage> ours = [];
        List<Outage> tuned = [];
        for (var round = 0; round < Rounds; round++)
        {
            using var caches = new Caches();
            var cache = caches.Ours(redis: server.Endpoint);
            var peer = caches.Fusion(Tune, redis: server.Endpoint);
            Ask askOurs = async (key, source) =>
                await cache.GetOrCreateAsync(key, source, static (source, _) => new ValueTask<string>(source()));
            Ask askPeer = async (key, source) => await peer.GetOrSetAsync<string>(key, (_, _) => source());
            await WarmUpAsync(askOurs, $"ours-{round}");
            await WarmUpAsync(askPeer, $"tuned-{round}");
            server.Freeze();
            try
            {
                // Longer than the interval of a probe of the stopped server.
                ours.Add(await Outage.MeasureAsync(askOurs, $"ours-{round}", later: 120));
                tuned.Add(await Outage.MeasureAsync(askPeer, $"tuned-{round}", later: 4));
            }
            finally
            {
                server.Thaw();
            }
        }

        List<Figure> first = [new(Peer.TunedFusionCache, [.. tuned.Select(outage => outage.First)])];
        List<Figure> later = [new(Peer.TunedFusionCache, [.. tuned.Select(outage => outage.Later)])];
        if (!options.Quick)
        {
            foreach (var (name, outage) in await MeasureDefaultsAsync(server))
            {
                first.Add(new Figure(name, [outage.First]));
                later.Add(new Figure(name, [outage.Later]));
            }
        }

        return
        [
            new Measure(
                "frozen.first",
                "frozen Redis, first cold call over its source",
                "LRU",
                "1",
                "ms",
                new("ours", [.. ours.Select(o => o.First)]),
                first
            ),
            new Measure(
                "frozen.later",
                "frozen Redis, later cold calls (95 of 100)",
                "LRU",
                "1",
                "ms",
                new("ours", [.. ours.Select(o => o.Later)]),
                later
            ),
        ];
    }

    /// <summary>The peers without any setting wait for seconds, so they do it together and once.</summary>
    private static async Task<IReadOnlyList<(string Peer, Outage Outage)>> MeasureDefaultsAsync(RedisServer server)
    {
        using var caches = new Caches();
        var hybrid = caches.Microsofts(redis: server.Endpoint);
        var fusion = caches.Fusion(redis: server.Endpoint);
        Ask askHybrid = async (key, source) =>
            await hybrid.GetOrCreateAsync(key, source, static (source, _) => new ValueTask<string>(source()));
        Ask askFusion = async (key, source) => await fusion.GetOrSetAsync<string>(key, (_, _) => source());
        await WarmUpAsync(askHybrid, "hybrid");
        await WarmUpAsync(askFusion, "fusion");
        server.Freeze();
        try
        {
            var outages = await Task.WhenAll(
                Outage.MeasureAsync(askFusion, "fusion", later: 1),
                Outage.MeasureAsync(askHybrid, "hybrid", later: 1)
            );
            return [(Peer.FusionCache, outages[0]), (Peer.HybridCache, outages[1])];
        }
        finally
        {
            server.Thaw();
        }
    }

    /// <summary>The shortest waits that FusionCache's documentation shows, and its circuit breaker.</summary>
    private static void Tune(FusionCacheOptions options)
    {
        options.DistributedCacheCircuitBreakerDuration = TimeSpan.FromSeconds(10);
        options.DefaultEntryOptions.DistributedCacheSoftTimeout = TimeSpan.FromMilliseconds(100);
        options.DefaultEntryOptions.DistributedCacheHardTimeout = TimeSpan.FromMilliseconds(250);
        options.DefaultEntryOptions.AllowBackgroundDistributedCacheOperations = true;
    }

    private static async Task WarmUpAsync(Ask ask, string prefix)
    {
        for (var i = 0; i < Warm; i++)
        {
            await ask($"{prefix}-warm-{i}", static () => Task.FromResult("value"));
        }
    }

    private delegate Task Ask(string key, Func<Task<string>> source);

    private sealed record Outage(double First, double Later)
    {
        public static async Task<Outage> MeasureAsync(Ask ask, string prefix, int later)
        {
            var first = await TimeAsync($"{prefix}-cold");
            var times = new double[later];
            for (var i = 0; i < later; i++)
            {
                times[i] = await TimeAsync($"{prefix}-cold-{i}");
            }

            Array.Sort(times);
            return new Outage(first, times[(int)(0.95 * (later - 1))]);

            async Task<double> TimeAsync(string key)
            {
                var source = TimeSpan.Zero;
                var begin = Stopwatch.GetTimestamp();
                await ask(
                    key,
                    async () =>
                    {
                        var asked = Stopwatch.GetTimestamp();
                        await Task.Delay(10);
                        source = Stopwatch.GetElapsedTime(asked);
                        return "value";
                    }
                );
                return (Stopwatch.GetElapsedTime(begin) - source).TotalMilliseconds;
            }
        }
    }
}
