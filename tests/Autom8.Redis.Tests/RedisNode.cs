using Autom8.Caching;
using Autom8.Security.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Autom8.Redis.Tests;

/// <summary>One process's cache over a real Redis, on virtual time.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public RedisNode(string endpoint, string prefix, Keyring? keyring = null, IConnectionMultiplexer? connection = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        var builder = services.AddAutom8Caching(options => options.Jitter = 0);
        if (connection is null)
        {
            builder.UseRedis(endpoint, options => options.KeyPrefix = prefix);
        }
        else
        {
            builder.UseRedis(connection, options => options.KeyPrefix = prefix);
        }

        if (keyring is not null)
        {
            services.AddSingleton<IKeyringProvider>(keyring);
            builder.UseKeyringProtection();
        }

        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredService<TieredCache>();
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(60));

    public TieredCache Cache { get; }

    /// <summary>Until it hears the others, and so fills the tier.</summary>
    public async Task ReadyAsync()
    {
        var rounds = 0;
        await Nodes.Eventually.IsAsync(() =>
        {
            if (++rounds % 400 == 0)
            {
                Time.Advance(TimeSpan.FromMilliseconds(500)); // a first beat may have come before the connection
            }

            return Cache.Explain("ready").IsMemoryConfirmed;
        });
    }

    public ValueTask<string> GetAsync(string key, string fresh, params string[] tags) =>
        Cache.GetOrCreateAsync(key, fresh, static (value, _) => ValueTask.FromResult(value), tags: tags);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
