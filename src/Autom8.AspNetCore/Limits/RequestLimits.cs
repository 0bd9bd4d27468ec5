using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary>The four limits of the request path, each a token bucket per key.</summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly PartitionedRateLimiter<ClientNetwork> _network;
    private readonly PartitionedRateLimiter<string> _subject;
    private readonly PartitionedRateLimiter<ClientNetwork> _signInNetwork;
    private readonly PartitionedRateLimiter<string> _signInAccount;
    private readonly ConcurrencyLimiter _imports;

    public RequestLimits(IOptions<ApiOptions> options)
    {
        var limits = options.Value;
        _network = Create<ClientNetwork>(limits.NetworkLimit);
        _subject = Create<string>(limits.SubjectLimit);
        _signInNetwork = Create<ClientNetwork>(limits.SignInNetworkLimit);
        _signInAccount = Create<string>(limits.SignInAccountLimit);
        _imports = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = limits.MaxConcurrentImports, QueueLimit = 0 });
    }

    /// <summary>True if the request may go on; otherwise how long to wait.</summary>
    public bool TryNetwork(ClientNetwork network, out TimeSpan retryAfter) => Try(_network, network, out retryAfter);

    public bool TrySubject(string subject, out TimeSpan retryAfter) => Try(_subject, subject, out retryAfter);

    public bool TrySignIn(ClientNetwork network, string account, out TimeSpan retryAfter) =>
        Try(_signInNetwork, network, out retryAfter) && Try(_signInAccount, account.Normalize().ToUpperInvariant(), out retryAfter);

    /// <summary>A place for an import, to be disposed when it is done.</summary>
    public RateLimitLease TryImport() => _imports.AttemptAcquire();

    public void Dispose()
    {
        _network.Dispose();
        _subject.Dispose();
        _signInNetwork.Dispose();
        _signInAccount.Dispose();
        _imports.Dispose();
    }

    private static bool Try<TKey>(PartitionedRateLimiter<TKey> limiter, TKey key, out TimeSpan retryAfter)
    {
        using var lease = limiter.AttemptAcquire(key);
        retryAfter = !lease.IsAcquired && lease.TryGetMetadata(MetadataName.RetryAfter, out var delay) ? delay : TimeSpan.Zero;
        return lease.IsAcquired;
    }

    private static PartitionedRateLimiter<TKey> Create<TKey>(RateLimit limit)
        where TKey : notnull
    {
        // The bucket refills in whole tokens: a rate below one a second is one token in a longer period.
        var tokens = Math.Max(1, (int)Math.Round(limit.PerSecond));
        var options = new TokenBucketRateLimiterOptions
        {
            TokenLimit = limit.Burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds(tokens / limit.PerSecond),
            QueueLimit = 0,
            AutoReplenishment = true,
        };
        return PartitionedRateLimiter.Create<TKey, TKey>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => options));
    }
}
