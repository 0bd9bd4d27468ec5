using System.Text.Json.Serialization;
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
            new("A Redis that is not there costs no answer", () => CopiesAsync("127.0.0.1:1,connectTimeout=1000")),
        ];

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

[JsonSerializable(typeof(Basket))]
internal sealed partial class SmokeJson : JsonSerializerContext;
