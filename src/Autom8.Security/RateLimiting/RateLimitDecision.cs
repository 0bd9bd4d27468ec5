using System.Threading.RateLimiting;

namespace Autom8.Security.RateLimiting;

/// <summary>What a limiter says to one who asks for permits.</summary>
/// <param name="IsAcquired">Whether he may go on.</param>
/// <param name="Remaining">How many permits are left to him at once.</param>
/// <param name="RetryAfter">How long he has to wait for those he asked for, if nobody takes any under the same key; zero where he may go on.</param>
/// <param name="ResetAfter">How long until the whole burst is his again.</param>
public readonly record struct RateLimitDecision(bool IsAcquired, int Remaining, TimeSpan RetryAfter, TimeSpan ResetAfter)
{
    /// <summary>The decision as the framework's limiters give it; a refusal bears <see cref="MetadataName.RetryAfter"/>.</summary>
    public RateLimitLease ToLease() => GcraLease.Of(this);
}
