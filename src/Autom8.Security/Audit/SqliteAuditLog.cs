using System.Data.Common;
using System.Globalization;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Audit;

/// <summary>The audit log in a SQLite file.</summary>
internal sealed class SqliteAuditLog : IAuditLog
{
    private readonly SqliteDatabase database;
    private readonly TimeProvider time;
    private readonly AuditRowMac mac;
    private readonly AuditPersonal personal;
    private readonly AuditPages pages;
    private readonly string insert;
    private readonly string select;

    public SqliteAuditLog(
        SqliteDatabase database,
        IKeyringProvider keyrings,
        IFieldProtector fields,
        TimeProvider time,
        SubjectKeys? subjectKeys = null
    )
    {
        this.database = database;
        this.time = time;
        personal = new AuditPersonal(fields, subjectKeys);
        mac = new AuditRowMac(new AuditKeys(keyrings), personal);
        pages = new AuditPages(mac, personal);
        insert = SqliteAuditRows.InsertInto(database.TablePrefix);
        select = $"select {SqliteAuditRows.Columns()} from {database.TablePrefix}audit_log";
    }

    public ValueTask AppendAsync(AuditEntry entry, DbTransaction transaction, CancellationToken ct) =>
        AppendAsync([entry], transaction, ct);

    public ValueTask AppendAsync(IReadOnlyCollection<AuditEntry> entries, DbTransaction transaction, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(transaction);
        ct.ThrowIfCancellationRequested();
        var session = SqliteSession.Of(transaction);
        if (entries.Any(entry => entry?.Personal is not null))
        {
            return AppendPersonalAsync(entries, session, transaction, ct);
        }

        Insert(Create(entries), session);
        return ValueTask.CompletedTask;
    }

    public async ValueTask AppendAsync(AuditEntry entry, CancellationToken ct)
    {
        AuditEntryRules.Check(entry);
        await database
            .WriteAsync(
                (Log: this, Entry: entry),
                static async (session, state, token) =>
                {
                    // Made inside the lane, so that ids rise in the order of the log.
                    await state.Log.AppendAsync(state.Entry, session.Transaction!, token).ConfigureAwait(false);
                    return true;
                },
                ct
            )
            .ConfigureAwait(false);
    }

    public ValueTask<AuditPage> ListAsync(AuditQuery query, CancellationToken ct)
    {
        var filter = new AuditFilter(query);
        ct.ThrowIfCancellationRequested();
        var rows = database.Read((Log: this, Filter: filter, query.Limit), static (session, s) => s.Log.Page(session, s.Filter, s.Limit));
        return pages.CreateAsync(rows, query.Limit, ct);
    }

    private async ValueTask AppendPersonalAsync(
        IReadOnlyCollection<AuditEntry> entries,
        SqliteSession session,
        DbTransaction transaction,
        CancellationToken ct
    )
    {
        foreach (var entry in entries)
        {
            AuditEntryRules.Check(entry);
        }

        using var lease = await personal.ForWritingAsync(entries, transaction, ct).ConfigureAwait(false);
        var rows = Create(entries);
        await AuditPersonal.SaveAsync(lease, transaction, ct).ConfigureAwait(false);
        Insert(rows, session);
    }

    // All are made before the first is written: what will not do leaves nothing behind.
    private AuditRow[] Create(IReadOnlyCollection<AuditEntry> entries) => [.. entries.Select(entry => mac.Create(entry, time.GetUtcNow()))];

    private void Insert(AuditRow[] rows, SqliteSession session)
    {
        foreach (var row in rows)
        {
            SqliteAuditRows.Insert(session, insert, row);
        }
    }

    private List<AuditRow> Page(SqliteSession session, AuditFilter filter, int limit)
    {
        // One more than asked for tells whether there is a next page.
        var command = session.Command(
            string.Create(CultureInfo.InvariantCulture, $"{select}{filter.ToSql('?')} order by id desc limit {limit + 1}")
        );
        var position = 1;
        foreach (var value in filter.Values)
        {
            _ = value switch
            {
                Guid id => command.Bind(position, id),
                DateTimeOffset instant => command.Bind(position, instant),
                _ => command.Bind(position, (string)value),
            };
            position++;
        }

        var rows = new List<AuditRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(SqliteAuditRows.Read(reader));
        }

        return rows;
    }
}
