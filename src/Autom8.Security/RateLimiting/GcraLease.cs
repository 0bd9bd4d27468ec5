using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace Autom8.Security.RateLimiting;

/// <summary>A decision as the framework's limiters give it. One that was granted says nothing else, and is one object for all.</summary>
internal sealed class GcraLease : RateLimitLease
{
    public static readonly GcraLease Granted = new(isAcquired: true, TimeSpan.Zero);

    private readonly TimeSpan _retryAfter;

    private GcraLease(bool isAcquired, TimeSpan retryAfter)
    {
        IsAcquired = isAcquired;
        _retryAfter = retryAfter;
    }

    public override bool IsAcquired { get; }

    public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

    public static RateLimitLease Of(in RateLimitDecision decision) =>
        decision.IsAcquired ? Granted : new GcraLease(isAcquired: false, decision.RetryAfter);

    public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
    {
        var known = !IsAcquired && metadataName == MetadataName.RetryAfter.Name;
        metadata = known ? _retryAfter : null;
        return known;
    }
}
