using Autom8.Redis.Connection;
using Autom8.Security.Keys;
using Autom8.Security.RateLimiting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Autom8.Redis.RateLimiting;

/// <summary>Limits over the connection of the cache, under its prefix, with names that show nobody.</summary>
internal sealed class RedisRateLimiterFactory(
    RedisConnection connection,
    IOptions<RedisOptions> options,
    IKeyringProvider keyrings,
    TimeProvider time,
    ILogger<RedisRateLimiter>? logger
) : ISharedRateLimiterFactory
{
    public ISharedRateLimiter Create(string name, GcraRateLimiterOptions limit) =>
        new RedisRateLimiter(
            connection,
            new RedisRateLimiterOptions
            {
                Name = name,
                Burst = limit.Burst,
                PerSecond = limit.PerSecond,
                KeyPrefix = options.Value.KeyPrefix + "limit:",
                Deadline = options.Value.RateLimitDeadline,
                MaximumKeysAlone = limit.MaximumKeys,
            },
            keyrings,
            time,
            logger
        );
}
