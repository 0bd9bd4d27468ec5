using System.Data.Common;
using System.Globalization;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Audit;

/// <summary>The audit log in a PostgreSQL database.</summary>
internal sealed class PostgreSqlAuditLog : IAuditLog
{
    private readonly PostgreSqlDatabase database;
    private readonly TimeProvider time;
    private readonly AuditRowMac mac;
    private readonly AuditPersonal personal;
    private readonly AuditPages pages;
    private readonly string insert;
    private readonly string select;

    public PostgreSqlAuditLog(
        PostgreSqlDatabase database,
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
        insert = PostgreSqlAuditRows.Insert(database.TablePrefix);
        select = $"select {PostgreSqlAuditRows.Columns()} from {database.TablePrefix}audit_log";
    }

    public async ValueTask AppendAsync(AuditEntry entry, DbTransaction transaction, CancellationToken ct)
    {
        var open = Open(transaction);
        AuditEntryRules.Check(entry);
        using var lease = await personal.ForWritingAsync([entry], transaction, ct).ConfigureAwait(false);
        var command = new NpgsqlCommand(insert, open.Connection, open);
        await using var _ = command.ConfigureAwait(false);
        PostgreSqlAuditRows.Bind(command, mac.Create(entry, time.GetUtcNow()));
        await AuditPersonal.SaveAsync(lease, transaction, ct).ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    public async ValueTask AppendAsync(IReadOnlyCollection<AuditEntry> entries, DbTransaction transaction, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var open = Open(transaction);
        if (entries.Count == 0)
        {
            return;
        }

        foreach (var entry in entries)
        {
            AuditEntryRules.Check(entry);
        }

        using var lease = await personal.ForWritingAsync(entries, transaction, ct).ConfigureAwait(false);
        var batch = new NpgsqlBatch(open.Connection, open);
        await using var _ = batch.ConfigureAwait(false);
        foreach (var entry in entries)
        {
            using var command = new NpgsqlCommand();
            PostgreSqlAuditRows.Bind(command, mac.Create(entry, time.GetUtcNow()));
            var parameters = command.Parameters.ToArray();
            command.Parameters.Clear();
            var one = new NpgsqlBatchCommand(insert);
            one.Parameters.AddRange(parameters);
            batch.BatchCommands.Add(one);
        }

        await AuditPersonal.SaveAsync(lease, transaction, ct).ConfigureAwait(false);
        await batch.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
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
        return await pages
            .CreateAsync(await PageAsync(filter, query.Limit, ct).ConfigureAwait(false), query.Limit, ct)
            .ConfigureAwait(false);
    }

    private async ValueTask<List<AuditRow>> PageAsync(AuditFilter filter, int limit, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        // One more than asked for tells whether there is a next page.
        var command = new NpgsqlCommand(
            string.Create(CultureInfo.InvariantCulture, $"{select}{filter.ToSql('$')} order by id desc limit {limit + 1}"),
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

        var rows = new List<AuditRow>();
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            rows.Add(PostgreSqlAuditRows.Read(reader));
        }

        return rows;
    }

    private static NpgsqlTransaction Open(DbTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction is NpgsqlTransaction { Connection: not null } open
            ? open
            : throw new ArgumentException("An open PostgreSQL transaction is needed.", nameof(transaction));
    }
}
