using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

var services = new ServiceCollection();
services.AddAutom8Caching(); // written against Microsoft's HybridCache, this line was: services.AddHybridCache();
await using var provider = services.BuildServiceProvider();
var cache = provider.GetRequiredService<HybridCache>();

var loads = 0;
ValueTask<Product> Get(int id) => cache.GetOrCreateAsync($"product:{id}", async ct => await LoadAsync(id, ct), tags: ["products"]);
async Task<Product> LoadAsync(int id, CancellationToken ct)
{
    Interlocked.Increment(ref loads);
    await Task.Delay(100, ct); // the slow database
    return new Product(id, "Tea");
}

await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Get(1).AsTask()));
Console.WriteLine($"Ten callers at once: loaded {loads} time"); // 1
await cache.RemoveByTagAsync("products");
Console.WriteLine($"{(await Get(1)).Name} again after the removal: loaded {loads} times"); // 2

internal sealed record Product(int Id, string Name);
