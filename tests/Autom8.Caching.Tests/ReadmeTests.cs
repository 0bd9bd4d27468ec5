using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Caching.Tests;

/// <summary>The lines of the package's README, compiled and run.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_lines_of_the_readme_do_what_they_say()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IDistributedCache>(new ScriptedDistributedCache(TimeProvider.System));
        services.AddSingleton<ProductStore>().AddSingleton<Catalog>();
        services
            .AddAutom8Caching(o => o.Expiration = TimeSpan.FromMinutes(10))
            .UseDistributedCache()
            .AddJsonSerializer(ShopJson.Default.Product);
        await using var provider = services.BuildServiceProvider();
        var catalog = provider.GetRequiredService<Catalog>();
        var store = provider.GetRequiredService<ProductStore>();

        Assert.Equal(new Product(7, "Lamp 1"), await catalog.GetAsync(7, default));
        Assert.Equal(new Product(7, "Lamp 1"), await catalog.GetAsync(7, default));
        await catalog.ChangedAsync(7);
        Assert.Equal(new Product(7, "Lamp 2"), await catalog.GetAsync(7, default));
        Assert.Equal(2, store.Loads);
    }
}

public sealed record Product(int Id, string Name);

public sealed class ProductStore
{
    public int Loads { get; private set; }

    public ValueTask<Product> LoadAsync(int id, CancellationToken ct) => ValueTask.FromResult(new Product(id, $"Lamp {++Loads}"));
}

public sealed class Catalog(HybridCache cache, ProductStore store)
{
    public ValueTask<Product> GetAsync(int id, CancellationToken ct) =>
        cache.GetOrCreateAsync(
            $"product:{id}",
            (store, id),
            static (s, ct) => s.store.LoadAsync(s.id, ct),
            tags: ["products"],
            cancellationToken: ct
        );

    public ValueTask ChangedAsync(int id) => cache.RemoveAsync($"product:{id}");
}

[JsonSerializable(typeof(Product))]
public sealed partial class ShopJson : JsonSerializerContext;
