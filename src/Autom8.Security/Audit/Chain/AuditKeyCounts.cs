using Autom8.Security.Keys;

namespace Autom8.Security.Audit;

/// <summary>Sums of rows by table and key.</summary>
internal static class AuditKeyCounts
{
    /// <summary>The sums of both. A key id that is none, because its row was edited, is left out.</summary>
    public static IEnumerable<AuditKeyCount> Add(IEnumerable<AuditKeyCount> first, IEnumerable<AuditKeyCount> second) =>
        first
            .Concat(second)
            .Where(count => KeyId.TryParse(count.KeyId, out _))
            .GroupBy(count => (count.Table, count.KeyId), (key, same) => new AuditKeyCount(key.Table, key.KeyId, same.Sum(c => c.Rows)));

    /// <summary>What is left of the first when the second is gone.</summary>
    public static IEnumerable<AuditKeyCount> Subtract(IEnumerable<AuditKeyCount> first, IEnumerable<AuditKeyCount> second) =>
        Add(first, second.Select(count => count with { Rows = -count.Rows })).Where(count => count.Rows > 0);
}
