using Autom8.Security.Encryption;

namespace Autom8.Security.Audit;

/// <summary>Makes a page of the rows that a store read, one more than asked for if there are more.</summary>
internal sealed class AuditPages(AuditRowMac mac, AuditPersonal personal)
{
    public async ValueTask<AuditPage> CreateAsync(List<AuditRow> rows, int limit, CancellationToken ct)
    {
        var page = rows.Take(limit).ToArray();
        var texts = new (string? Text, FieldProtectionFailure? Failure)[page.Length];
        await ReadAsync(page, texts, static _ => true, ct).ConfigureAwait(false);
        // Another may have had the process forget a key between the lease and its use.
        await ReadAsync(page, texts, static read => read.Failure is FieldProtectionFailure.UnknownKey, ct).ConfigureAwait(false);
        var records = page.Select((row, i) => Record(row, texts[i].Text, texts[i].Failure is FieldProtectionFailure.Shredded)).ToArray();
        return new AuditPage(records, rows.Count > limit ? records[^1].Id : null);
    }

    private async ValueTask ReadAsync(
        AuditRow[] rows,
        (string? Text, FieldProtectionFailure? Failure)[] texts,
        Func<(string? Text, FieldProtectionFailure? Failure), bool> isWanted,
        CancellationToken ct
    )
    {
        var wanted = Enumerable.Range(0, rows.Length).Where(i => isWanted(texts[i])).ToArray();
        if (wanted.Length == 0)
        {
            return;
        }

        using var lease = await personal.ForReadingAsync(wanted.Select(i => rows[i]), ct).ConfigureAwait(false);
        foreach (var i in wanted)
        {
            texts[i] = (personal.Read(rows[i], out var failure), failure);
        }
    }

    private AuditRecord Record(AuditRow row, string? text, bool isErased) =>
        new(
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
