using System.Threading.RateLimiting;
using Autom8.Security.RateLimiting;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>The same limit, ours and Microsoft's: a burst of a thousand, a hundred a second after it.</summary>
internal static class LimiterLimits
{
    private const int Burst = 1_000;
    private const int PerSecond = 100;

    public static GcraRateLimiter<TKey> Ours<TKey>(int keys)
        where TKey : notnull =>
        new(
            new GcraRateLimiterOptions
            {
                Burst = Burst,
                PerSecond = PerSecond,
                MaximumKeys = keys,
            }
        );

    public static PartitionedRateLimiter<TKey> Theirs<TKey>()
        where TKey : notnull =>
        PartitionedRateLimiter.Create<TKey, TKey>(static key =>
            RateLimitPartition.GetTokenBucketLimiter(
                key,
                static _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = Burst,
                    TokensPerPeriod = PerSecond / 10,
                    ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
                    QueueLimit = 0,
                }
            )
        );
}
