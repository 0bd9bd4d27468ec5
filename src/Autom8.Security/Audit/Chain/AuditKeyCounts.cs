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

    /// <summary>
    /// What the next checkpoint says. Counts are from the first position on, so a key whose rows were all given up is left out once it can make no more: else notes would grow with every key there ever was.
    /// </summary>
    public static IEnumerable<AuditKeyCount> Carried(IEnumerable<AuditKeyCount> counts, IEnumerable<AuditKeyCount> cut, AuditKeys keys)
    {
        var all = counts.ToArray();
        var left = Subtract(all, cut).Select(count => (count.Table, count.KeyId)).ToHashSet();
        return all.Where(count => left.Contains((count.Table, count.KeyId)) || keys.TryFind(count.KeyId, out _));
    }

    /// <summary>What is left of the first when the second is gone.</summary>
    public static IEnumerable<AuditKeyCount> Subtract(IEnumerable<AuditKeyCount> first, IEnumerable<AuditKeyCount> second) =>
        Add(first, second.Select(count => count with { Rows = -count.Rows })).Where(count => count.Rows > 0);
}
