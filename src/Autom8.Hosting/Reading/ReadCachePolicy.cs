using Autom8.Caching;
using Microsoft.Extensions.Options;

namespace Autom8.Hosting;

/// <summary>How what is read for dashboards behaves in the cache: it lives shortly, and a failure is not remembered.</summary>
internal sealed class ReadCachePolicy : IConfigureOptions<CachingOptions>
{
    /// <summary>What the keys of metrics begin with.</summary>
    public const string Metrics = "autom8.metrics:";

    public void Configure(CachingOptions options)
    {
        TaskReadCache.Share(options);
        options.AddPolicy(
            "Autom8.Metrics",
            static policy =>
            {
                policy.Expiration = TimeSpan.FromSeconds(1);
                policy.FailureBackoff = TimeSpan.Zero;
            },
            Metrics
        );
    }
}
