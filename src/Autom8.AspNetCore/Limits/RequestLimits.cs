using System.Threading.RateLimiting;
using Autom8.Security.Accounts;
using Autom8.Security.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Autom8.AspNetCore;

/// <summary>The limits of the request path, each for many keys (GCRA). Those of requests are null if the request may go on; otherwise how long to wait.</summary>
internal sealed class RequestLimits : IDisposable
{
    private readonly RequestLimit<ClientNetwork> _network;
    private readonly RequestLimit<string> _subject;
    private readonly RequestLimit<ClientNetwork> _signInNetwork;
    private readonly RequestLimit<string> _signInAccount;
    private readonly ConcurrencyLimiter _imports;

    public RequestLimits(IOptions<ApiOptions> options, ISharedRateLimiterFactory? shared = null)
    {
        var limits = options.Value;
        _network = new("network", limits.NetworkLimit, shared);
        _subject = new("account", limits.SubjectLimit, shared);
        _signInNetwork = new("sign-in-network", limits.SignInNetworkLimit, shared);
        _signInAccount = new("sign-in-account", limits.SignInAccountLimit, shared);
        _imports = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = limits.MaxConcurrentImports, QueueLimit = 0 });
    }

    public ValueTask<TimeSpan?> TryNetworkAsync(HttpContext context) => _network.TryAsync(context, Network(context));

    public ValueTask<TimeSpan?> TrySubjectAsync(HttpContext context, string subject) => _subject.TryAsync(context, subject);

    public async ValueTask<TimeSpan?> TrySignInAsync(HttpContext context, string account) =>
        await _signInNetwork.TryAsync(context, Network(context)).ConfigureAwait(false)
        ?? await _signInAccount.TryAsync(context, AccountService.LimitKey(account)).ConfigureAwait(false);

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
