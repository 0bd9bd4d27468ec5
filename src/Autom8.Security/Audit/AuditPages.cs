namespace Autom8.Security.Audit;

/// <summary>Makes a page of the rows that a store read, one more than asked for if there are more.</summary>
internal sealed class AuditPages(AuditRowMac mac, AuditPersonal personal)
{
    public async ValueTask<AuditPage> CreateAsync(List<AuditRow> rows, int limit, CancellationToken ct)
    {
        using var lease = await personal.ForReadingAsync(rows, ct).ConfigureAwait(false);
        var records = rows.Take(limit).Select(Read).ToArray();
        return new AuditPage(records, rows.Count > limit ? records[^1].Id : null);
    }

    private AuditRecord Read(AuditRow row)
    {
        var text = personal.Read(row, out var isErased);
        return new AuditRecord(
            row.Id,
            row.Action,
            row.User,
            row.ResourceType,
            row.ResourceId,
            row.Details,
            row.Timestamp,
            row.RequestId,
            mac.Judge(row) == AuditRowState.Authentic,
            row.Subject,
            text,
            isErased
        );
    }
}
