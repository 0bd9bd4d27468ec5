using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;
using Autom8.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>
/// 100,000 keys whose popularity follows Zipf's law (0.99), with room for 5,000: how many get-or-creates are hits, and what an operation takes where one in ten is a set, loads and evictions included.
/// </summary>
internal sealed class ZipfRow : IRow
{
    private const int Keys = 100_000;
    private const int Capacity = 5_000;
    private const int Operations = 100_000;
    private const int TimedOperations = 600_000;
    private const int SetEvery = 10;

    public string Name => "zipf";

    public bool IsRace => false;

    public Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var caches = new Caches();
        var workload = ZipfWorkload.Create(Keys, exponent: 0.99, length: 1 << 20, seed: 20_240_607);
        string[] names = ["ours", Peer.FusionCache, Peer.HybridCache];
        var loads = names.Select(_ => new Loads()).ToArray();
        LoopCase[] cases =
        [
            LoopCase.Of(
                names[0],
                new OursRead(caches.Ours(o => (o.Capacity, o.Eviction) = (Capacity, EvictionPolicy.Lfu)), workload, loads[0])
            ),
            LoopCase.Of(
                names[1],
                new FusionRead(caches.Fusion(o => o.DefaultEntryOptions.Size = 1, caches.Memory(Capacity)), workload, loads[1])
            ),
            LoopCase.Of(names[2], new HybridRead(caches.Microsofts(new UnitSizeMemoryCache(caches.Memory(Capacity))), workload, loads[2])),
        ];
        var hits = HitRates(options, cases, loads);
        foreach (var each in loads)
        {
            each.Sets = SetEvery;
        }

        var race = new LoopRace(options, cases) { Operations = options.Quick ? TimedOperations / 3 : TimedOperations };
        race.WarmUp();
        var times = race.Run(threads: 1);
        const string setting = "LFU, capacity 5,000 of 100,000 keys";
        return Task.FromResult<IReadOnlyList<Measure>>([
            new Measure("zipf.hits", "Zipf 0.99, hit rate", setting, "1", Measure.Percent, hits[0], [.. hits.Skip(1)]),
            new Measure(
                "zipf.time",
                "Zipf 0.99, 90 % get or create, 10 % set, CPU time with background work",
                setting,
                "1",
                "ns",
                times[0],
                [.. times.Skip(1)]
            ),
        ]);
    }

    /// <summary>
    /// Every so often all pause, as callers do while they wait for a real source: what the caches do in the background (evicting, in all three) keeps up, however busy the machine is.
    /// </summary>
    private static Figure[] HitRates(GateOptions options, LoopCase[] cases, Loads[] loads)
    {
        const int burst = 500;
        var rounds = options.Quick ? 2 : 8;
        var rates = cases.Select(_ => new double[rounds]).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            var start = (round + 1) * Operations;
            foreach (var each in loads)
            {
                each.Begin();
            }

            for (var i = 0; i < Operations; i += burst)
            {
                foreach (var each in cases)
                {
                    each.Run(start + i, burst);
                }

                Thread.Sleep(1);
            }

            for (var index = 0; round >= 0 && index < cases.Length; index++) // the round before the first fills them
            {
                rates[index][round] = loads[index].HitRateOf(Operations);
            }
        }

        return [.. cases.Select((each, index) => new Figure(each.Name, rates[index]))];
    }

    private readonly struct OursRead(TieredCache cache, ZipfWorkload workload, Loads loads) : IOperation
    {
        public int Invoke(int index) =>
            loads.IsSet(index)
                ? Hits.Take(cache.SetAsync(workload.Key(index), loads.Load()))
                : Hits.Take(
                    cache.GetOrCreateAsync(workload.Key(index), loads, static (loads, _) => new ValueTask<Product>(loads.Load()))
                ).Id;
    }

    private readonly struct HybridRead(HybridCache cache, ZipfWorkload workload, Loads loads) : IOperation
    {
        public int Invoke(int index) =>
            loads.IsSet(index)
                ? Hits.Take(cache.SetAsync(workload.Key(index), loads.Load()))
                : Hits.Take(
                    cache.GetOrCreateAsync(workload.Key(index), loads, static (loads, _) => new ValueTask<Product>(loads.Load()))
                ).Id;
    }

    private readonly struct FusionRead(FusionCache cache, ZipfWorkload workload, Loads loads) : IOperation
    {
        private readonly Func<FusionCacheFactoryExecutionContext<Product>, CancellationToken, Task<Product>> _load = loads.LoadAsync;

        public int Invoke(int index) =>
            loads.IsSet(index)
                ? Hits.Take(cache.SetAsync(workload.Key(index), loads.Load()))
                : Hits.Take(cache.GetOrSetAsync<Product>(workload.Key(index), _load)).Id;
    }
}
