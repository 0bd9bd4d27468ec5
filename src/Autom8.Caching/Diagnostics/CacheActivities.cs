using System.Diagnostics;

namespace Autom8.Caching.Diagnostics;

/// <summary>
/// The activities of the source <c>Autom8.Caching</c>: one around each load, so that what a factory does is seen below it, and one around each invalidation that goes to the shared tier.
/// They name the region and what came of it; keys, tags and values are never told.
/// </summary>
internal static class CacheActivities
{
    private static readonly ActivitySource Source = new("Autom8.Caching");

    public static Activity? StartLoad(string region) => Start("autom8.cache.load", region);

    public static Activity? StartInvalidation(string region) => Start("autom8.cache.invalidate", region);

    private static Activity? Start(string name, string region)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Source.StartActivity(name);
        if (region.Length > 0)
        {
            activity?.SetTag("autom8.cache.region", region);
        }

        return activity;
    }
}
