namespace Autom8.Security.Audit;

/// <summary>Makes a page of the rows that a store read, one more than asked for if there are more.</summary>
internal static class AuditPages
{
    public static AuditPage Create(List<AuditRow> rows, int limit, AuditSeal seal)
    {
        var records = rows.Take(limit).Select(row => row.ToRecord(seal.Holds(row))).ToArray();
        return new AuditPage(records, rows.Count > limit ? records[^1].Id : null);
    }
}
