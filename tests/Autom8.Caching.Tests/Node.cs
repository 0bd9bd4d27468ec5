using Autom8.Caching.Regions;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests;

/// <summary>One process's cache, on virtual time, in memory or over a shared tier.</summary>
internal sealed class Node : IDisposable
{
    private readonly ServiceProvider _services;

    public Node(
        ScriptedDistributedCache? tier = null,
        FakeTimeProvider? time = null,
        Action<CachingOptions>? configure = null,
        Action<CachingBuilder>? build = null
    )
    {
        Time = time ?? new FakeTimeProvider();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        var builder = services.AddAutom8Caching(options =>
        {
            options.Jitter = 0;
            configure?.Invoke(options);
        });
        builder.AddJsonSerializer(TestJson.Default.Mutable);
        builder.AddJsonSerializer(TestJson.Default.ImmutablePoint);
        if (tier is not null)
        {
            builder.UseDistributedCache(_ => tier);
        }

        build?.Invoke(builder);
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredService<TieredCache>();
    }

    public FakeTimeProvider Time { get; }

    public TieredCache Cache { get; }

    public ICacheRegion<TKey, TValue> Region<TKey, TValue>(string name)
        where TKey : notnull => _services.GetRequiredKeyedService<ICacheRegion<TKey, TValue>>(name);

    /// <summary>A read whose source answers at once.</summary>
    public ValueTask<T> GetAsync<T>(string key, T fresh, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null) =>
        Cache.GetOrCreateAsync(key, fresh, static (value, _) => ValueTask.FromResult(value), options, tags);

    /// <summary>A read that must not load: what the cache has, or <paramref name="otherwise"/>.</summary>
    public ValueTask<string> PeekAsync(string key, string otherwise = "nothing") => GetAsync(key, otherwise);

    public void Dispose() => _services.Dispose();
}

/// <summary>A source that answers when told to, with what it was asked for first.</summary>
internal sealed class SuspendedSource<T>
{
    private readonly TaskCompletionSource<T> _answer = new();
    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    public CancellationToken Token { get; private set; }

    public async ValueTask<T> LoadAsync(CancellationToken token)
    {
        Interlocked.Increment(ref _runs);
        Token = token;
        return await _answer.Task.WaitAsync(token);
    }

    public void Answer(T value) => _answer.SetResult(value);

    public void Fail(Exception exception) => _answer.SetException(exception);
}
