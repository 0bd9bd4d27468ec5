using System.Threading.RateLimiting;
using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary>The limits of the request path, each for many keys (GCRA).</summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly RequestLimit<ClientNetwork> _network;
    private readonly RequestLimit<string> _subject;
    private readonly RequestLimit<ClientNetwork> _signInNetwork;
    private readonly RequestLimit<string> _signInAccount;
    private readonly ConcurrencyLimiter _imports;

    public RequestLimits(IOptions<ApiOptions> options)
    {
        var limits = options.Value;
        _network = new("network", limits.NetworkLimit);
        _subject = new("account", limits.SubjectLimit);
        _signInNetwork = new("sign-in-network", limits.SignInNetworkLimit);
        _signInAccount = new("sign-in-account", limits.SignInAccountLimit);
        _imports = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = limits.MaxConcurrentImports, QueueLimit = 0 });
    }

    /// <summary>True if the request may go on; otherwise how long to wait.</summary>
    public bool TryNetwork(HttpContext context, out TimeSpan retryAfter) => _network.Try(context, Network(context), out retryAfter);

    public bool TrySubject(HttpContext context, string subject, out TimeSpan retryAfter) => _subject.Try(context, subject, out retryAfter);

    public bool TrySignIn(HttpContext context, string account, out TimeSpan retryAfter) =>
        _signInNetwork.Try(context, Network(context), out retryAfter)
        && _signInAccount.Try(context, AccountService.LimitKey(account), out retryAfter);

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

    private static ClientNetwork Network(HttpContext context) => ClientNetwork.Of(context.Connection.RemoteIpAddress);
}
