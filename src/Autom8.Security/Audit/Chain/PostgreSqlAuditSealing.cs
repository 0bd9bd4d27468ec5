using Autom8.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Autom8.Security.Audit;

/// <summary>
/// Sealing in PostgreSQL. Identity values and timestamps become visible out of order, so entries are taken by the transaction that wrote them, and only below the
/// snapshot's xmin: every transaction there is over, and none will ever write there again. So the pair of transaction and id of the last sealed entry says what is done.
/// </summary>
/// <remarks>
/// A dump restored into another cluster breaks that order once, since transaction ids begin anew. It shows in a last entry of a transaction that has not been given out;
/// then everything is looked through once, whatever its transaction, and an entry of this cluster is written to go on from. An entry that has a seal is never sealed
/// again: an index keeps that.
/// </remarks>
internal sealed class PostgreSqlAuditSealing(NpgsqlTransaction transaction, PostgreSqlAuditSealing.Statements statements) : IAuditSealing
{
    // One lock for all logs of a database: "a8seal" in ASCII.
    private const long LockKey = 0x6138_7365_616C;

    /// <summary>Takes the lock until the transaction ends; false where another node has it.</summary>
    public async ValueTask<bool> TryLockAsync(CancellationToken ct)
    {
        var command = Command($"select pg_try_advisory_xact_lock({LockKey})");
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(ct).ConfigureAwait(false) is true;
    }

    public async ValueTask<AuditHead> HeadAsync(CancellationToken ct)
    {
        var command = Command(statements.Sql.Head);
        await using var _ = command.ConfigureAwait(false);
        var heads = await ReadAsync(command, PostgreSqlAuditChainStore.ReadHead, ct).ConfigureAwait(false);
        return heads.Count == 0 ? AuditHead.Empty : heads[0];
    }

    public async ValueTask<StoredNote?> CheckpointAsync(long size, CancellationToken ct)
    {
        var command = Command(statements.Sql.CheckpointBySize).Bind(size);
        await using var _ = command.ConfigureAwait(false);
        return (await ReadAsync(command, PostgreSqlAuditChainStore.ReadNote, ct).ConfigureAwait(false)).FirstOrDefault();
    }

    public async ValueTask<List<StoredNote>> CutsAsync(CancellationToken ct)
    {
        var command = Command(statements.Sql.Cuts);
        await using var _ = command.ConfigureAwait(false);
        return await ReadAsync(command, PostgreSqlAuditChainStore.ReadNote, ct).ConfigureAwait(false);
    }

    public async ValueTask<List<UnsealedEntry>> UnsealedAsync(int limit, CancellationToken ct)
    {
        var isAhead = await IsTrueAsync(statements.IsAhead, ct).ConfigureAwait(false);
        var command = Command(isAhead ? statements.UnsealedAnywhere : statements.Unsealed).Bind(limit);
        await using var _ = command.ConfigureAwait(false);
        return await ReadAsync(
                command,
                static r => new UnsealedEntry(r.GetGuid(0), r.GetFieldValue<byte[]>(1), r.GetFieldValue<ulong>(2)),
                ct
            )
            .ConfigureAwait(false);
    }

    public ValueTask<bool> IsRestoredAsync(CancellationToken ct) => IsTrueAsync(statements.IsRestored, ct);

    private async ValueTask<bool> IsTrueAsync(string text, CancellationToken ct)
    {
        var command = Command(text);
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(ct).ConfigureAwait(false) is true;
    }

    public async ValueTask<List<AuditKeyCount>> KeyCountsAsync(long after, CancellationToken ct)
    {
        var command = Command(statements.Sql.KeyCounts).Bind(after);
        await using var _ = command.ConfigureAwait(false);
        return await ReadAsync(command, PostgreSqlAuditChainStore.ReadKeyCount, ct).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(IReadOnlyList<AuditSeal> seals, CancellationToken ct)
    {
        var command = Command(statements.Insert).Bind(seals[0].Sequence);
        await using var _ = command.ConfigureAwait(false);
        command.Bind([.. seals.Select(seal => seal.EntryId)]);
        command.Parameters.Add(
            new NpgsqlParameter<ulong[]>
            {
                TypedValue = [.. seals.Select(seal => seal.TransactionId)],
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Xid8,
            }
        );
        command.Bind(seals[0].KeyId);
        command.Bind([.. seals.Select(seal => seal.Chain)]);
        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(AuditRow entry, CancellationToken ct)
    {
        var command = PostgreSqlAuditRows.Bind(Command(statements.InsertEntry), entry);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(AuditCheckpoint checkpoint, CancellationToken ct)
    {
        var command = Bind(Command(statements.Sql.InsertCheckpoint), checkpoint);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Binds a note as the four parameters of the statement that inserts it.</summary>
    public static NpgsqlCommand Bind(NpgsqlCommand command, AuditCheckpoint note) =>
        command.Bind(note.Size).Bind(note.Timestamp).Bind(note.Key.ToString()).Bind(note.Text);

    public static async ValueTask<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        var rows = new List<T>();
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private NpgsqlCommand Command(string text) => new(text, transaction.Connection, transaction);

    /// <summary>The statements, made once.</summary>
    internal sealed class Statements(AuditChainSql sql, string prefix)
    {
        public AuditChainSql Sql { get; } = sql;

        public string Unsealed { get; } =
            $"""
                select l.id, l.mac, l.transaction_id from {prefix}audit_log l
                where (l.transaction_id, l.id) > (
                        coalesce((select transaction_id from {prefix}audit_seal order by sequence desc limit 1), '0'::xid8),
                        coalesce((select entry_id from {prefix}audit_seal order by sequence desc limit 1), '{Guid.Empty}'::uuid)
                    )
                    and l.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
                    and not exists (select 1 from {prefix}audit_seal s where s.entry_id = l.id)
                order by l.transaction_id, l.id
                limit $1
                """;

        public string IsAhead { get; } =
            $"""
                select transaction_id >= pg_snapshot_xmin(pg_current_snapshot())
                from {prefix}audit_seal order by sequence desc limit 1
                """;

        // An entry of this cluster that waits for an older transaction to end will be sealed after it: there is no need of another.
        public string IsRestored { get; } =
            $"""
                select s.transaction_id >= pg_snapshot_xmin(pg_current_snapshot())
                    and not exists (
                        select 1 from {prefix}audit_log l
                        where l.transaction_id >= pg_snapshot_xmin(pg_current_snapshot())
                            and l.transaction_id < pg_snapshot_xmax(pg_current_snapshot())
                            and not exists (select 1 from {prefix}audit_seal x where x.entry_id = l.id)
                    )
                from {prefix}audit_seal s order by s.sequence desc limit 1
                """;

        public string UnsealedAnywhere { get; } =
            $"""
                select l.id, l.mac, l.transaction_id from {prefix}audit_log l
                where (
                        l.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
                        or l.transaction_id >= pg_snapshot_xmax(pg_current_snapshot())
                    )
                    and not exists (select 1 from {prefix}audit_seal s where s.entry_id = l.id)
                order by l.transaction_id, l.id
                limit $1
                """;

        public string InsertEntry { get; } = PostgreSqlAuditRows.Insert(prefix);

        public string Insert { get; } =
            $"""
                insert into {prefix}audit_seal (sequence, entry_id, transaction_id, key_id, chain)
                select $1 - 1 + seal.position, seal.entry_id, seal.transaction_id, $4, seal.chain
                from unnest($2, $3, $5) with ordinality as seal (entry_id, transaction_id, chain, position)
                """;
    }
}
