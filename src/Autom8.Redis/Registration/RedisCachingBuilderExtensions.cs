using Autom8.Caching;
using Autom8.Caching.Distributed;
using Autom8.Redis;
using Autom8.Redis.Connection;
using Autom8.Redis.RateLimiting;
using Autom8.Redis.Registration;
using Autom8.Redis.Sealing;
using Autom8.Redis.SharedCache;
using Autom8.Security.Keys;
using Autom8.Security.RateLimiting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts Redis under the cache.</summary>
public static class RedisCachingBuilderExtensions
{
    /// <summary>
    /// Uses a Redis server as second tier of the cache. The connection is made at the first use and kept; a server that is not there costs what the cache's deadline and circuit breaker allow.
    /// A plaintext connection to another machine is refused at start unless <see cref="RedisOptions.AllowPlaintext"/> is set.
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <param name="configuration">As StackExchange.Redis takes it: <c>127.0.0.1:6379</c>, <c>redis.internal:6380,ssl=true,password=…</c>.</param>
    /// <param name="configure">Sets what the section <c>Autom8:Redis</c> does not.</param>
    /// <returns>The builder.</returns>
    public static CachingBuilder UseRedis(this CachingBuilder builder, string configuration, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);

        // Made by the container, which therefore closes it.
        return Use(builder, ServiceDescriptor.Singleton(_ => new RedisConnection(configuration)), configure);
    }

    /// <summary>Uses a connection of the application's own as second tier of the cache. It is not closed with the cache.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="connection">The connection. <see cref="BacklogPolicy.FailFast"/> is recommended: a write that waits for the connection to come back may land late; and a <c>configCheckSeconds</c> of a few seconds, after which a promoted replica is noticed.</param>
    /// <param name="configure">Sets what the section <c>Autom8:Redis</c> does not.</param>
    /// <returns>The builder.</returns>
    public static CachingBuilder UseRedis(
        this CachingBuilder builder,
        IConnectionMultiplexer connection,
        Action<RedisOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connection);
        return Use(builder, ServiceDescriptor.Singleton(_ => new RedisConnection(connection)), configure);
    }

    /// <summary>
    /// Seals every payload in the second tier with the keyring's <see cref="KeyPurpose.Cache"/> key and replaces the keys there by HMACs: see <see cref="KeyringPayloadProtector"/>.
    /// An <see cref="IKeyringProvider"/> must be registered (AddAutom8Security does).
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <returns>The builder.</returns>
    public static CachingBuilder UseKeyringProtection(this CachingBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UsePayloadProtector(static services => new KeyringPayloadProtector(services.GetRequiredService<IKeyringProvider>()));
    }

    /// <summary>
    /// Has the nodes count their rate limits together, in the Redis of the cache (<see cref="RedisRateLimiter"/>): whoever asks for an <see cref="ISharedRateLimiterFactory"/> gets them from there, the HTTP API among them. Who asks is not told to Redis.
    /// While it does not answer, each node counts for itself. Call it beside <c>UseRedis</c>; an <see cref="IKeyringProvider"/> must be registered (AddAutom8Security does).
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <returns>The builder.</returns>
    public static CachingBuilder UseSharedRateLimits(this CachingBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<ISharedRateLimiterFactory>(static services => new RedisRateLimiterFactory(
            services.GetService<RedisConnection>()
                ?? throw new InvalidOperationException("UseSharedRateLimits counts in the Redis of the cache: call UseRedis as well."),
            services.GetRequiredService<IOptions<RedisOptions>>(),
            services.GetRequiredService<IKeyringProvider>(),
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetService<ILogger<RedisRateLimiter>>()
        ));
        return builder;
    }

    private static CachingBuilder Use(CachingBuilder builder, ServiceDescriptor connection, Action<RedisOptions>? configure)
    {
        var services = builder.Services;
        services.Replace(connection);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<RedisOptions>, RedisOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisOptions>, RedisOptionsValidator>());
        var options = services.AddOptions<RedisOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        return builder.UseSharedCache(SharedCache);
    }

    /// <summary>The second tier on the connection and under the prefix that were configured.</summary>
    private static ISharedCache SharedCache(IServiceProvider provider) =>
        new RedisSharedCache(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<IOptions<RedisOptions>>().Value.KeyPrefix,
            provider.GetService<TimeProvider>() ?? TimeProvider.System
        );
}
