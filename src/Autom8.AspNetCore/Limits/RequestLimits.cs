using System.Threading.RateLimiting;
using Autom8.Security.RateLimiting;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary>The four limits of the request path, each for many keys (GCRA).</summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly GcraRateLimiter<ClientNetwork> _network;
    private readonly GcraRateLimiter<string> _subject;
    private readonly GcraRateLimiter<ClientNetwork> _signInNetwork;
    private readonly GcraRateLimiter<string> _signInAccount;
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

    private static bool Try<TKey>(GcraRateLimiter<TKey> limiter, TKey key, out TimeSpan retryAfter)
        where TKey : notnull
    {
        var decision = limiter.Decide(key);
        retryAfter = decision.RetryAfter;
        return decision.IsAcquired;
    }

    private static GcraRateLimiter<TKey> Create<TKey>(RateLimit limit)
        where TKey : notnull => new(new GcraRateLimiterOptions { Burst = limit.Burst, PerSecond = limit.PerSecond });
}
