using Autom8.Caching;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Redis.Tests.Nodes;

/// <summary>One process's cache over a real Redis, with a connection of its own, in real time.</summary>
internal sealed class LiveNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public LiveNode(string endpoints, string prefix)
    {
        var services = new ServiceCollection();
        services.AddAutom8Caching().UseRedis(endpoints + ",connectTimeout=1000", options => options.KeyPrefix = prefix);
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredService<TieredCache>();
    }

    public TieredCache Cache { get; }

    /// <summary>A node that is connected and hears the others.</summary>
    public static async Task<LiveNode> StartAsync(string endpoints, string prefix)
    {
        var node = new LiveNode(endpoints, prefix);
        await node.ReadyAsync();
        return node;
    }

    /// <summary>Until the tier is asked, memory is confirmed and nothing is owed.</summary>
    public Task ReadyAsync() =>
        Eventually.IsAsync(() =>
            Cache.Explain("ready") is { IsMemoryConfirmed: true, IsDistributedTierAsked: true } && Cache.PendingInvalidations == 0
        );

    public ValueTask<string> GetAsync(string key, string fresh, params string[] tags) =>
        Cache.GetOrCreateAsync(key, fresh, static (value, _) => ValueTask.FromResult(value), tags: tags);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>Waits in real time for what must become true.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task IsAsync(Func<bool> condition, TimeSpan? patience = null)
    {
        var end = Environment.TickCount64 + (long)(patience ?? Patience).TotalMilliseconds;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, "It did not become true in time.");
            await pace.WaitForNextTickAsync();
        }
    }
}
