using System.Globalization;
using Autom8.Security.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Autom8.AspNetCore;

/// <summary>
/// A limit for many keys that also says to each how much is left: <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers-10).
/// Counted by this process, or by all nodes together where there is a place for that.
/// </summary>
internal sealed class RequestLimit<TKey> : IDisposable
    where TKey : notnull
{
    private readonly GcraRateLimiter<TKey>? _alone;
    private readonly ISharedRateLimiter? _shared;
    private readonly string _name;
    private readonly StringValues _policy;

    /// <param name="name">What clients, and other nodes, know it by.</param>
    /// <param name="limit">How much.</param>
    /// <param name="shared">Where nodes count together; null if there is no such place.</param>
    public RequestLimit(string name, RateLimit limit, ISharedRateLimiterFactory? shared)
    {
        var options = new GcraRateLimiterOptions { Burst = limit.Burst, PerSecond = limit.PerSecond };
        _shared = shared?.Create(name, options);
        _alone = _shared is null ? new GcraRateLimiter<TKey>(options) : null;
        _name = name;
        // The quota is the burst, and the window the time in which all of it comes back.
        _policy = string.Create(
            CultureInfo.InvariantCulture,
            $"\"{name}\";q={limit.Burst};w={(long)Math.Ceiling(limit.Burst / limit.PerSecond)}"
        );
    }

    /// <summary>Null if the request may go on; otherwise how long to wait. The answer says what is left.</summary>
    public ValueTask<TimeSpan?> TryAsync(HttpContext context, TKey key)
    {
        return _shared is null ? new(Say(context, _alone!.Decide(key))) : AskAsync(_shared);

        async ValueTask<TimeSpan?> AskAsync(ISharedRateLimiter shared) =>
            Say(context, await shared.DecideAsync(Text(key), cancellationToken: context.RequestAborted).ConfigureAwait(false));
    }

    public void Dispose()
    {
        _alone?.Dispose();
        _shared?.Dispose();
    }

    private static string Text(TKey key) => key as string ?? ((IFormattable)key).ToString(format: null, CultureInfo.InvariantCulture);

    private TimeSpan? Say(HttpContext context, in RateLimitDecision decision)
    {
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = _policy;
        headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture,
            $"\"{_name}\";r={decision.Remaining};t={(long)Math.Ceiling(decision.ResetAfter.TotalSeconds)}"
        );
        return decision.IsAcquired ? null : decision.RetryAfter;
    }
}
