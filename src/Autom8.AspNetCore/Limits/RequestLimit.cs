using System.Globalization;
using Autom8.Security.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Autom8.AspNetCore;

/// <summary>A limit for many keys that also says to each how much is left: <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers-10).</summary>
internal sealed class RequestLimit<TKey> : IDisposable
    where TKey : notnull
{
    private readonly GcraRateLimiter<TKey> _limiter;
    private readonly string _name;
    private readonly StringValues _policy;

    /// <param name="name">What clients know it by.</param>
    /// <param name="limit">How much.</param>
    public RequestLimit(string name, RateLimit limit)
    {
        _limiter = new GcraRateLimiter<TKey>(new GcraRateLimiterOptions { Burst = limit.Burst, PerSecond = limit.PerSecond });
        _name = name;
        // The quota is the burst, and the window the time in which all of it comes back.
        _policy = string.Create(
            CultureInfo.InvariantCulture,
            $"\"{name}\";q={limit.Burst};w={(long)Math.Ceiling(limit.Burst / limit.PerSecond)}"
        );
    }

    /// <summary>True if the request may go on; otherwise how long to wait. The answer says what is left.</summary>
    public bool Try(HttpContext context, TKey key, out TimeSpan retryAfter)
    {
        var decision = _limiter.Decide(key);
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = _policy;
        headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture,
            $"\"{_name}\";r={decision.Remaining};t={(long)Math.Ceiling(decision.ResetAfter.TotalSeconds)}"
        );
        retryAfter = decision.RetryAfter;
        return decision.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
