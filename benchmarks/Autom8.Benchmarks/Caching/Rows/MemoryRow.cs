using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>What an entry weighs beside its key and its value: a hundred thousand of them, made by get-or-create, under keys that exist already and with one value for all.</summary>
internal sealed class MemoryRow : IRow
{
    private const int Entries = 100_000;
    private static readonly string[] Keys = [.. Enumerable.Range(0, Entries).Select(id => $"product:{id}")];
    private static readonly Product Value = new(1, "Lamp", 9.99m);

    public string Name => "memory";

    public bool IsRace => false;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        var ours = await WeighAsync(caches =>
        {
            var cache = caches.Ours(o => o.Capacity = Entries);
            return (
                key => Hits.Take(cache.GetOrCreateAsync(key, Value, static (value, _) => new ValueTask<Product>(value))),
                key => cache.TryGet<Product>(key, out _)
            );
        });
        var fusion = await WeighAsync(caches =>
        {
            var cache = caches.Fusion();
            return (key => Hits.Take(cache.GetOrSetAsync<Product>(key, static (_, _) => Task.FromResult(Value))), _ => true);
        });
        var hybrid = await WeighAsync(caches =>
        {
            var cache = caches.Microsofts();
            return (key => Hits.Take(cache.GetOrCreateAsync(key, Value, static (value, _) => new ValueTask<Product>(value))), _ => true);
        });
        return
        [
            new Measure(
                Name,
                "memory per entry, key and value not counted",
                "LRU, 5 min",
                "1",
                "B",
                new("ours", [ours]),
                [new(Peer.FusionCache, [fusion]), new(Peer.HybridCache, [hybrid])]
            ),
        ];
    }

    private static async Task<double> WeighAsync(Func<Caches, (Action<string> Fill, Predicate<string> Holds)> make)
    {
        // The types' own statics and compiled code come first, from a cache that is thrown away.
        using (var first = new Caches())
        {
            make(first).Fill(Keys[0]);
        }

        using var caches = new Caches();
        var (fill, holds) = make(caches);
        fill("one that sets it up");
        var before = Settled();
        foreach (var key in Keys)
        {
            fill(key);
        }

        // What goes on in the background, such as a policy's bookkeeping, is to be over.
        await Task.Delay(200);
        var weight = Settled() - before;
        return (double)weight / Keys.Count(key => holds(key));
    }

    private static long Settled()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
