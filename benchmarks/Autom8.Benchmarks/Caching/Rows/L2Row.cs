using System.Text.Json;
using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;
using Autom8.Caching;
using Autom8.Testing;
using Microsoft.Extensions.Caching.Hybrid;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>Hits in Redis with memory switched off, 64 in flight, each on a key of its own.</summary>
internal sealed class L2Row : IRow
{
    private const int InFlight = 64;
    private static readonly HybridCacheEntryOptions NoMemory = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
    private static readonly FusionCacheEntryOptions NoMemoryFusion = new(Caches.Lifetime)
    {
        SkipMemoryCacheRead = true,
        SkipMemoryCacheWrite = true,
    };

    public string Name => "l2";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.Endpoint);
        using var caches = new Caches();
        var ours = await caches.OursOnRedisAsync(server.Endpoint);
        var hybrid = caches.Microsofts(redis: server.Endpoint);
        var fusion = caches.Fusion(redis: server.Endpoint);
        var database = connection.GetDatabase();
        for (var i = 0; i < Catalog.Size; i++)
        {
            await ours.SetAsync($"ours:{i}", Catalog.Products[i], NoMemory);
            await hybrid.SetAsync($"hybrid:{i}", Catalog.Products[i], NoMemory);
            await fusion.SetAsync($"fusion:{i}", Catalog.Products[i], NoMemoryFusion);
            await database.StringSetAsync(
                $"raw:{i}",
                JsonSerializer.SerializeToUtf8Bytes(Catalog.Products[i], BenchmarkJson.Default.Product)
            );
        }

        var figures = await new AsyncRace(
            options,
            [
                AsyncCase.Of<OursHit, Product>("ours", new OursHit(ours, Keys("ours"))),
                AsyncCase.Of<RawHit, Product>(Peer.Redis, new RawHit(database, [.. Keys("raw").Select(key => (RedisKey)key)])),
                AsyncCase.Of<FusionHit, Product>(Peer.FusionCache, new FusionHit(fusion, Keys("fusion"))),
                AsyncCase.Of<HybridHit, Product>(Peer.HybridCache, new HybridHit(hybrid, Keys("hybrid"))),
            ],
            InFlight
        ).RunAsync();
        return [new Measure(Name, "L2 hit (Redis), JSON", "L1 off", $"{InFlight} in flight", "us", figures[0], [.. figures.Skip(1)])];
    }

    private static string[] Keys(string prefix) => [.. Enumerable.Range(0, Catalog.Size).Select(i => $"{prefix}:{i}")];

    private static void Expect(Product product, int index)
    {
        if (product.Id != (index & Catalog.Mask))
        {
            throw new InvalidOperationException($"Product {product.Id} came for {index & Catalog.Mask}.");
        }
    }

    private readonly struct OursHit(TieredCache cache, string[] keys) : IAsyncOperation<Product>
    {
        public ValueTask<Product> InvokeAsync(int index) =>
            cache.GetOrCreateAsync(keys[index & Catalog.Mask], index, Sources.Never, NoMemory);

        public void Check(Product result, int index) => Expect(result, index);
    }

    private readonly struct HybridHit(HybridCache cache, string[] keys) : IAsyncOperation<Product>
    {
        public ValueTask<Product> InvokeAsync(int index) =>
            cache.GetOrCreateAsync(keys[index & Catalog.Mask], index, Sources.Never, NoMemory);

        public void Check(Product result, int index) => Expect(result, index);
    }

    private readonly struct FusionHit(FusionCache cache, string[] keys) : IAsyncOperation<Product>
    {
        public ValueTask<Product> InvokeAsync(int index) =>
            cache.GetOrSetAsync<Product>(keys[index & Catalog.Mask], Sources.NeverFusion, NoMemoryFusion);

        public void Check(Product result, int index) => Expect(result, index);
    }

    private readonly struct RawHit(IDatabase database, RedisKey[] keys) : IAsyncOperation<Product>
    {
        public async ValueTask<Product> InvokeAsync(int index)
        {
            var json = await database.StringGetAsync(keys[index & Catalog.Mask]);
            return JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, BenchmarkJson.Default.Product)!;
        }

        public void Check(Product result, int index) => Expect(result, index);
    }
}
