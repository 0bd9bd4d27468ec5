using Autom8.Security.Keys;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Autom8.Hosting;

/// <summary>
/// Unhealthy when rows need a key that the keyring does not have, and while a node could not read the shared keyring for so long that it makes nothing with it; degraded while they need one that is no longer active. Says which keys, and how many rows of which table: as counted at most
/// five minutes ago.
/// </summary>
public sealed class KeyringCheck(KeyLifecycle keys) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (keys.IsStale)
        {
            var data = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["secondsSinceRefresh"] = (long)keys.RefreshAge.TotalSeconds,
            };
            return HealthCheckResult.Unhealthy(
                "the keyring could not be read for so long that nothing is made with its keys",
                exception: null,
                data
            );
        }

        var report = await keys.RecentReportAsync(cancellationToken).ConfigureAwait(false);
        if (report.Lost.Count > 0)
        {
            return HealthCheckResult.Unhealthy("rows need keys that the keyring does not have", exception: null, Data(report.Lost));
        }

        var old = report.OldButNeeded.SelectMany(key => key.Uses).ToArray();
        return old.Length > 0
            ? HealthCheckResult.Degraded("rows still need keys that are no longer active", exception: null, Data(old))
            : HealthCheckResult.Healthy();
    }

    private static Dictionary<string, object> Data(IEnumerable<KeyUse> uses) =>
        uses.GroupBy(use => $"{use.Purpose} {use.Key}", StringComparer.Ordinal)
            .ToDictionary(
                key => key.Key,
                object (key) => key.GroupBy(use => use.Table, StringComparer.Ordinal).ToDictionary(t => t.Key, t => t.Sum(use => use.Rows)),
                StringComparer.Ordinal
            );
}
