using System.Text.Json.Serialization;
using Autom8.Caching;
using Autom8.Caching.Regions;
using Autom8.Caching.Serialization;
using Autom8.Caching.Testing;
using Autom8.Security.Keys;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using static Autom8.AotSmoke.SmokeCheck;

namespace Autom8.AotSmoke;

internal static class CachingChecks
{
    public static IEnumerable<SmokeCheck> All =>
        [
            new("The cache loads once, and copies what can change instead of sharing it", () => CopiesAsync(redis: null)),
            // The port of nobody: connecting is refused at once, sealing and naming of keys run all the same.
            new("A class that can be changed and that nobody has registered is never shared", UnregisteredAsync),
            new("Regions name keys of numbers, enums and GUIDs, and remove by them", RegionsAsync),
            new("A value goes through a shared tier and comes back on another node", SharedAsync),
            new("A Redis that is not there costs no answer", () => CopiesAsync("127.0.0.1:1,connectTimeout=1000")),
        ];

    private static async Task UnregisteredAsync()
    {
        await using var provider = Services(static _ => { });
        var cache = provider.GetRequiredService<HybridCache>();
        Crate first;
        try
        {
            first = await GetAsync();
        }
        catch (CacheSerializerMissingException refused)
        {
            // Where there is no reflection a copy cannot be made: it is refused, by name.
            Require(refused.Message.Contains(nameof(Crate), StringComparison.Ordinal), refused.Message);
            return;
        }

        first.Apples = 99;
        var second = await GetAsync();
        Require(!ReferenceEquals(first, second) && second.Apples == 1, "What one caller changed, another was handed.");

        ValueTask<Crate> GetAsync() => cache.GetOrCreateAsync("crate", static _ => ValueTask.FromResult(new Crate { Apples = 1 }));
    }

    private static async Task RegionsAsync()
    {
        await using var provider = Services(static caching =>
        {
            caching.AddRegion<int, string>("numbers");
            caching.AddRegion<DayOfWeek, string>("days");
            caching.AddRegion<Guid, string>("ids");
        });
        await CheckAsync(provider.GetRequiredService<ICacheRegion<int, string>>(), 7, 8);
        await CheckAsync(provider.GetRequiredService<ICacheRegion<DayOfWeek, string>>(), DayOfWeek.Monday, DayOfWeek.Friday);
        await CheckAsync(provider.GetRequiredService<ICacheRegion<Guid, string>>(), Guid.Empty, Guid.AllBitsSet);

        static async Task CheckAsync<TKey>(ICacheRegion<TKey, string> region, TKey one, TKey other)
            where TKey : notnull
        {
            await region.SetAsync(one, "one");
            await region.SetAsync(other, "other");
            await region.RemoveAsync(one);
            Require(!region.TryGet(one, out _), $"{region.Name}: {one} was removed and is there.");
            Require(region.TryGet(other, out var value) && value == "other", $"{region.Name}: {other} is gone or another.");
            var many = await region.GetManyAsync([one, other]);
            Require(many.Count == 1 && many[other] == "other", $"{region.Name}: {many.Count} of two values were found; one was expected.");
        }
    }

    private static async Task SharedAsync()
    {
        var server = new InMemorySharedCache();
        await using var one = Node();
        await using var two = Node();
        var basket = new Basket { Fruits = ["apple"] };
        await one.GetRequiredService<ICacheRegion<DayOfWeek, Basket>>().SetAsync(DayOfWeek.Monday, basket);

        var region = two.GetRequiredService<ICacheRegion<DayOfWeek, Basket>>();
        var found = await region.FindAsync(DayOfWeek.Monday);
        Require(found.Value?.Fruits is ["apple"], "The other node's value was not found in the shared tier.");
        await one.GetRequiredService<ICacheRegion<DayOfWeek, Basket>>().RemoveAsync(DayOfWeek.Monday);
        Require(!(await region.FindAsync(DayOfWeek.Monday)).Found, "What another node removed was served.");

        ServiceProvider Node() =>
            Services(caching =>
            {
                caching.UseSharedCache(_ => server.Connect()).AddJsonSerializer(SmokeJson.Default.Basket);
                caching.AddRegion<DayOfWeek, Basket>("baskets");
            });
    }

    private static ServiceProvider Services(Action<CachingBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddAutom8Caching());
        return services.BuildServiceProvider();
    }

    private static async Task CopiesAsync(string? redis)
    {
        var services = new ServiceCollection();
        var caching = services.AddAutom8Caching().AddJsonSerializer(SmokeJson.Default.Basket);
        if (redis is not null)
        {
            services.AddAutom8Security().UseKeyring(Keyring.Create(TimeProvider.System));
            caching.UseRedis(redis).UseKeyringProtection();
        }

        await using var provider = services.BuildServiceProvider();
        if (redis is not null)
        {
            await provider.GetRequiredService<KeyringProvider>().InitializeAsync();
        }

        var cache = provider.GetRequiredService<HybridCache>();
        var loads = 0;

        var first = await GetAsync();
        first.Fruits.Add("pear");
        var second = await GetAsync();
        await cache.RemoveAsync("basket");
        var third = await GetAsync();

        Require(second.Fruits is ["apple"], "What one caller changed, another was handed.");
        Require(third.Fruits is ["apple"] && loads == 2, $"Loaded {loads} times; once, and once more after the removal, was expected.");

        ValueTask<Basket> GetAsync() =>
            cache.GetOrCreateAsync(
                "basket",
                _ =>
                {
                    loads++;
                    return ValueTask.FromResult(new Basket { Fruits = ["apple"] });
                }
            );
    }
}

/// <summary>A class that its holders can change.</summary>
internal sealed class Basket
{
    public IList<string> Fruits { get; init; } = [];
}

/// <summary>Another, of which the program has told nobody how to write it.</summary>
internal sealed class Crate
{
    public int Apples { get; set; }
}

[JsonSerializable(typeof(Basket))]
internal sealed partial class SmokeJson : JsonSerializerContext;
