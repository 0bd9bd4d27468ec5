using System.Text.Json;
using Autom8.Benchmarks.Caching.Gate;
using Autom8.Benchmarks.Harness;
using Autom8.Caching;
using Autom8.Testing;
using Microsoft.Extensions.Caching.Hybrid;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>A hundred keys at once that only Redis has.</summary>
internal sealed class GetManyRow : IRow
{
    private const int Batch = 100;
    private const int Batches = 10;
    private static readonly HybridCacheEntryOptions NoMemory = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
    private static readonly FusionCacheEntryOptions NoMemoryFusion = new(Caches.Lifetime)
    {
        SkipMemoryCacheRead = true,
        SkipMemoryCacheWrite = true,
    };

    public string Name => "many";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.Endpoint);
        using var caches = new Caches();
        var ours = await caches.OursOnRedisAsync(server.Endpoint, o => o.Flags = HybridCacheEntryFlags.DisableLocalCache);
        var hybrid = caches.Microsofts(redis: server.Endpoint);
        var fusion = caches.Fusion(redis: server.Endpoint);
        var database = connection.GetDatabase();
        for (var i = 0; i < Batch * Batches; i++)
        {
            await ours.SetAsync($"ours:{i}", Catalog.Products[i]);
            await hybrid.SetAsync($"hybrid:{i}", Catalog.Products[i], NoMemory);
            await fusion.SetAsync($"fusion:{i}", Catalog.Products[i], NoMemoryFusion);
            await database.StringSetAsync(
                $"raw:{i}",
                JsonSerializer.SerializeToUtf8Bytes(Catalog.Products[i], BenchmarkJson.Default.Product)
            );
        }

        RedisKey[][] rawKeys = [.. Keys("raw").Select(batch => batch.Select(key => (RedisKey)key).ToArray())];
        var figures = await new AsyncRace(
            options,
            [
                AsyncCase.Of<OursMany, IReadOnlyDictionary<string, Product>>("ours", new OursMany(ours, Keys("ours"))),
                AsyncCase.Of<RawMany, Product[]>(Peer.Redis, new RawMany(database, rawKeys)),
                AsyncCase.Of<FusionMany, Product[]>(Peer.FusionCache, new FusionMany(fusion, Keys("fusion"))),
                AsyncCase.Of<HybridMany, Product[]>(Peer.HybridCache, new HybridMany(hybrid, Keys("hybrid"))),
            ],
            inFlight: 1
        ).RunAsync();
        return
        [
            new Measure(
                Name,
                "100 keys at once from L2 (Redis), JSON",
                "L1 off; peers: MGET, WhenAll, WhenAll",
                "1",
                "us",
                figures[0],
                [.. figures.Skip(1)]
            ),
        ];
    }

    private static string[][] Keys(string prefix) =>
        [.. Enumerable.Range(0, Batches).Select(batch => Enumerable.Range(batch * Batch, Batch).Select(i => $"{prefix}:{i}").ToArray())];

    private static void Expect(int count, Product last, int index)
    {
        var expected = (index % Batches * Batch) + Batch - 1;
        if (count != Batch || last.Id != expected)
        {
            throw new InvalidOperationException($"{count} products came, the last is {last.Id} and not {expected}.");
        }
    }

    private readonly struct OursMany(TieredCache cache, string[][] keys) : IAsyncOperation<IReadOnlyDictionary<string, Product>>
    {
        public ValueTask<IReadOnlyDictionary<string, Product>> InvokeAsync(int index) => cache.GetManyAsync<Product>(keys[index % Batches]);

        public void Check(IReadOnlyDictionary<string, Product> result, int index) =>
            Expect(result.Count, result[keys[index % Batches][^1]], index);
    }

    private readonly struct RawMany(IDatabase database, RedisKey[][] keys) : IAsyncOperation<Product[]>
    {
        public async ValueTask<Product[]> InvokeAsync(int index)
        {
            var values = await database.StringGetAsync(keys[index % Batches]);
            return Array.ConvertAll(
                values,
                static json => JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)json).Span, BenchmarkJson.Default.Product)!
            );
        }

        public void Check(Product[] result, int index) => Expect(result.Length, result[^1], index);
    }

    private readonly struct FusionMany(FusionCache cache, string[][] keys) : IAsyncOperation<Product[]>
    {
        public ValueTask<Product[]> InvokeAsync(int index)
        {
            var batch = keys[index % Batches];
            var calls = new Task<Product>[batch.Length];
            for (var i = 0; i < calls.Length; i++)
            {
                calls[i] = cache.GetOrSetAsync<Product>(batch[i], Sources.NeverFusion, NoMemoryFusion).AsTask();
            }

            return new ValueTask<Product[]>(Task.WhenAll(calls));
        }

        public void Check(Product[] result, int index) => Expect(result.Length, result[^1], index);
    }

    private readonly struct HybridMany(HybridCache cache, string[][] keys) : IAsyncOperation<Product[]>
    {
        public ValueTask<Product[]> InvokeAsync(int index)
        {
            var batch = keys[index % Batches];
            var calls = new Task<Product>[batch.Length];
            for (var i = 0; i < calls.Length; i++)
            {
                calls[i] = cache.GetOrCreateAsync(batch[i], i, Sources.Never, NoMemory).AsTask();
            }

            return new ValueTask<Product[]>(Task.WhenAll(calls));
        }

        public void Check(Product[] result, int index) => Expect(result.Length, result[^1], index);
    }
}
