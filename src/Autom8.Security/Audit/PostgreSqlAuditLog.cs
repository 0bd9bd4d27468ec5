using System.Data.Common;
using System.Globalization;
using Autom8.Security.Keys;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Audit;

/// <summary>The audit log in a PostgreSQL database.</summary>
internal sealed class PostgreSqlAuditLog(PostgreSqlDatabase database, IKeyringProvider keyrings, TimeProvider time)
    : IAuditLog,
        IAuditVerifier
{
    private const string Columns = "id, action, \"user\", resource_type, resource_id, details, timestamp, request_id, key_id, mac";

    private readonly AuditSeal seal = new(keyrings);
    private readonly string insert =
        $"insert into {database.TablePrefix}audit_log ({Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    private readonly string select = $"select {Columns} from {database.TablePrefix}audit_log";
    private readonly string selectAfter = $"select {Columns} from {database.TablePrefix}audit_log where id > $1 order by id limit $2";

    public async ValueTask AppendAsync(AuditEntry entry, DbTransaction transaction, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (transaction is not NpgsqlTransaction { Connection: not null } open)
        {
            throw new ArgumentException("An open PostgreSQL transaction is needed.", nameof(transaction));
        }

        var row = seal.Seal(entry, time.GetUtcNow());
        var command = new NpgsqlCommand(insert, open.Connection, open)
            .Bind(row.Id)
            .Bind(row.Action)
            .Bind(row.User)
            .Bind(row.ResourceType)
            .Bind(row.ResourceId)
            .Bind(row.Details)
            .Bind(row.Timestamp)
            .Bind(row.RequestId)
            .Bind(row.KeyId)
            .Bind(row.Mac);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    public async ValueTask AppendAsync(AuditEntry entry, CancellationToken ct)
    {
        AuditEntryRules.Check(entry);
        await database
            .WriteAsync(
                (Log: this, Entry: entry),
                static async (transaction, state, token) =>
                {
                    await state.Log.AppendAsync(state.Entry, transaction, token).ConfigureAwait(false);
                    return true;
                },
                ct
            )
            .ConfigureAwait(false);
    }

    public async ValueTask<AuditPage> ListAsync(AuditQuery query, CancellationToken ct)
    {
        var filter = new AuditFilter(query);
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        // One more than asked for tells whether there is a next page.
        var command = new NpgsqlCommand(
            string.Create(CultureInfo.InvariantCulture, $"{select}{filter.ToSql('$')} order by id desc limit {query.Limit + 1}"),
            connection
        );
        await using var __ = command.ConfigureAwait(false);
        foreach (var value in filter.Values)
        {
            switch (value)
            {
                case Guid id:
                    command.Bind(id);
                    break;
                case DateTimeOffset instant:
                    command.Bind(instant);
                    break;
                default:
                    command.Bind((string)value);
                    break;
            }
        }

        return AuditPages.Create(await RowsAsync(command, ct).ConfigureAwait(false), query.Limit, seal);
    }

    public async ValueTask<AuditVerification> VerifyAsync(CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var tally = new AuditTally(seal);
        List<AuditRow> rows;
        do
        {
            var command = new NpgsqlCommand(selectAfter, connection).Bind(tally.Last).Bind(AuditTally.BatchSize);
            await using (command.ConfigureAwait(false))
            {
                rows = await RowsAsync(command, ct).ConfigureAwait(false);
            }

            tally.Add(rows);
        } while (rows.Count == AuditTally.BatchSize);

        return tally.ToVerification();
    }

    private static async ValueTask<List<AuditRow>> RowsAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var rows = new List<AuditRow>();
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            rows.Add(
                new AuditRow(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetStringOrNull(4),
                    reader.GetStringOrNull(5),
                    reader.GetTimestamp(6),
                    reader.GetStringOrNull(7),
                    reader.GetString(8),
                    reader.GetFieldValue<byte[]>(9)
                )
            );
        }

        return rows;
    }
}
