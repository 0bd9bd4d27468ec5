using System.Data.Common;
using System.Globalization;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Audit;

/// <summary>The audit log in a SQLite file.</summary>
internal sealed class SqliteAuditLog(SqliteDatabase database, IKeyringProvider keyrings, TimeProvider time) : IAuditLog, IAuditVerifier
{
    private const string Columns = "id, action, \"user\", resource_type, resource_id, details, timestamp, request_id, key_id, mac";

    private readonly AuditSeal seal = new(keyrings);
    private readonly string insert =
        $"insert into {database.TablePrefix}audit_log ({Columns}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    private readonly string select = $"select {Columns} from {database.TablePrefix}audit_log";
    private readonly string selectAfter = $"select {Columns} from {database.TablePrefix}audit_log where id > ?1 order by id limit ?2";

    public ValueTask AppendAsync(AuditEntry entry, DbTransaction transaction, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ct.ThrowIfCancellationRequested();
        Insert(SqliteSession.Of(transaction), seal.Seal(entry, time.GetUtcNow()));
        return ValueTask.CompletedTask;
    }

    public async ValueTask AppendAsync(AuditEntry entry, CancellationToken ct)
    {
        AuditEntryRules.Check(entry);
        await database
            .WriteAsync(
                (Log: this, Entry: entry),
                static (session, state, _) =>
                {
                    // Sealed inside the lane, so that ids rise in the order of the log.
                    state.Log.Insert(session, state.Log.seal.Seal(state.Entry, state.Log.Now()));
                    return ValueTask.FromResult(true);
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
        return ValueTask.FromResult(AuditPages.Create(rows, query.Limit, seal));
    }

    // Off the caller's thread: this reads everything, and SQLite's reads are synchronous.
    public async ValueTask<AuditVerification> VerifyAsync(CancellationToken ct) =>
        await Task.Run(
                () =>
                {
                    var tally = new AuditTally(seal);
                    List<AuditRow> rows;
                    do
                    {
                        ct.ThrowIfCancellationRequested();
                        rows = database.Read((Log: this, After: tally.Last), static (session, s) => s.Log.After(session, s.After));
                        tally.Add(rows);
                    } while (rows.Count == AuditTally.BatchSize);

                    return tally.ToVerification();
                },
                ct
            )
            .ConfigureAwait(false);

    private DateTimeOffset Now() => time.GetUtcNow();

    private void Insert(SqliteSession session, AuditRow row) =>
        session
            .Command(insert)
            .Bind(1, row.Id)
            .Bind(2, row.Action)
            .Bind(3, row.User)
            .Bind(4, row.ResourceType)
            .Bind(5, row.ResourceId)
            .Bind(6, row.Details)
            .Bind(7, row.Timestamp)
            .Bind(8, row.RequestId)
            .Bind(9, row.KeyId)
            .Bind(10, row.Mac)
            .ExecuteNonQuery();

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

        return Rows(command);
    }

    private List<AuditRow> After(SqliteSession session, Guid after) =>
        Rows(session.Command(selectAfter).Bind(1, after).Bind(2, (long)AuditTally.BatchSize));

    private static List<AuditRow> Rows(SqliteCommand command)
    {
        var rows = new List<AuditRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(
                new AuditRow(
                    reader.GetGuidBlob(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetStringOrNull(4),
                    reader.GetStringOrNull(5),
                    reader.GetTimestamp(6),
                    reader.GetStringOrNull(7),
                    reader.GetString(8),
                    reader.GetBlob(9)
                )
            );
        }

        return rows;
    }
}
