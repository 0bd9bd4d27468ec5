using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Audit;

/// <summary>The chain in a PostgreSQL database.</summary>
internal sealed class PostgreSqlAuditChainStore : IAuditChainStore
{
    private readonly PostgreSqlDatabase database;
    private readonly AuditChainSql sql;
    private readonly PostgreSqlAuditSealing.Statements sealing;
    private readonly string hasWork;
    private readonly string unsealed;
    private readonly string chains;
    private readonly string insertEntry;
    private readonly string delete;
    private readonly string keyCounts;

    public PostgreSqlAuditChainStore(PostgreSqlDatabase database)
    {
        this.database = database;
        sql = new AuditChainSql(database.TablePrefix, '$');
        sealing = new PostgreSqlAuditSealing.Statements(sql, database.TablePrefix);
        hasWork = sql.Expand(
            "select coalesce((select max(sequence) from {p}audit_seal), 0) > coalesce((select max(size) from {p}audit_checkpoint), 0) "
                + "or exists (select 1 from {p}audit_log l where (l.transaction_id, l.id) > ("
                + "coalesce((select transaction_id from {p}audit_seal order by sequence desc limit 1), '0'::xid8), "
                + "coalesce((select entry_id from {p}audit_seal order by sequence desc limit 1), '00000000-0000-0000-0000-000000000000')) "
                + "and l.transaction_id < pg_snapshot_xmin(pg_current_snapshot()) "
                + "and not exists (select 1 from {p}audit_seal s where s.entry_id = l.id)) "
                // A database restored into another cluster, whose transactions have not come as far.
                + "or coalesce((select transaction_id from {p}audit_seal order by sequence desc limit 1), '0'::xid8) >= pg_snapshot_xmin(pg_current_snapshot())"
        );
        // What should be sealed is so by the order in which the sealer goes: nothing can appear any more at or before its last entry.
        unsealed = sql.Expand(
            $"select {PostgreSqlAuditRows.Columns("l.")}, coalesce((l.transaction_id, l.id) <= (h.transaction_id, h.entry_id) "
                + "and h.transaction_id < pg_snapshot_xmin(pg_current_snapshot()), false) "
                + "from {p}audit_log l left join lateral (select transaction_id, entry_id from {p}audit_seal order by sequence desc limit 1) h on true "
                + "where l.id > @1 and (@2::uuid is null or l.id <= @2) "
                + "and not exists (select 1 from {p}audit_seal s where s.entry_id = l.id) order by l.id limit @3"
        );
        chains = sql.Expand("select sequence, chain from {p}audit_seal where sequence = any(@1)");
        insertEntry = PostgreSqlAuditRows.Insert(database.TablePrefix);
        delete = sql.Expand(
            "with old as (select sequence, entry_id from {p}audit_seal where sequence <= @1 order by sequence limit @2), "
                + "gone as (delete from {p}audit_log l using old where l.id = old.entry_id) "
                + "delete from {p}audit_seal s using old where s.sequence = old.sequence"
        );
        keyCounts = sql.Expand(
            sql.KeyCounts
                + " union all "
                + sql.NoteKeyCounts
                + " union all select 'audit_log', l.key_id, count(*) from {p}audit_log l where (l.transaction_id, l.id) > ("
                + "coalesce((select transaction_id from {p}audit_seal order by sequence desc limit 1), '0'::xid8), "
                + "coalesce((select entry_id from {p}audit_seal order by sequence desc limit 1), '00000000-0000-0000-0000-000000000000')) "
                + "and not exists (select 1 from {p}audit_seal s where s.entry_id = l.id) group by l.key_id"
        );
    }

    public async ValueTask<bool> HasWorkAsync(CancellationToken ct)
    {
        var found = await ReadAsync(hasWork, static _ => { }, static r => r.GetBoolean(0), ct).ConfigureAwait(false);
        return found[0];
    }

    public ValueTask<T?> SealAsync<T>(Func<IAuditSealing, CancellationToken, ValueTask<T>> work, CancellationToken ct) =>
        database.WriteAsync(
            (Statements: sealing, Work: work),
            static async (transaction, state, token) =>
            {
                var alone = new PostgreSqlAuditSealing(transaction, state.Statements);
                return await alone.TryLockAsync(token).ConfigureAwait(false)
                    ? await state.Work(alone, token).ConfigureAwait(false)
                    : default;
            },
            ct
        );

    public async ValueTask<AuditHead> HeadAsync(CancellationToken ct)
    {
        var heads = await ReadAsync(sql.Head, static _ => { }, ReadHead, ct).ConfigureAwait(false);
        return heads.Count == 0 ? AuditHead.Empty : heads[0];
    }

    public ValueTask<List<SealedEntry>> SealedAsync(long after, int limit, CancellationToken ct) =>
        ReadAsync(
            sql.Sealed,
            command => command.Bind(after).Bind(limit),
            static r => new SealedEntry(
                new AuditSeal(r.GetInt64(0), r.GetGuid(1), 0, r.GetString(2), r.GetFieldValue<byte[]>(3)),
                r.IsDBNull(4) ? null : PostgreSqlAuditRows.Read(r, 4)
            ),
            ct
        );

    public async ValueTask<UnsealedWindow> UnsealedAsync(Guid after, int window, CancellationToken ct)
    {
        var ends = await ReadAsync(sql.WindowEnd, command => command.Bind(after).Bind(window - 1), static r => (Guid?)r.GetGuid(0), ct)
            .ConfigureAwait(false);
        var end = ends.Count == 0 ? null : ends[0];
        var entries = await ReadAsync(
                unsealed,
                command => command.Bind(after).Bind(end).Bind(window),
                static r => (PostgreSqlAuditRows.Read(r), r.GetBoolean(12)),
                ct
            )
            .ConfigureAwait(false);
        return new UnsealedWindow(entries, end);
    }

    public ValueTask<List<StoredNote>> CheckpointsAsync(long after, int limit, CancellationToken ct) =>
        ReadAsync(sql.Checkpoints, command => command.Bind(after).Bind(limit), ReadNote, ct);

    public async ValueTask<StoredNote?> CheckpointAsync(DateTimeOffset? madeBy, CancellationToken ct)
    {
        var found = madeBy is { } time
            ? await ReadAsync(sql.CheckpointByTime, command => command.Bind(time), ReadNote, ct).ConfigureAwait(false)
            : await ReadAsync(sql.CheckpointBySize, static command => command.Bind(long.MaxValue), ReadNote, ct).ConfigureAwait(false);
        return found.FirstOrDefault();
    }

    public async ValueTask<Dictionary<long, byte[]>> ChainsAsync(long[] positions, CancellationToken ct)
    {
        var found = await ReadAsync(
                chains,
                command =>
                    command.Parameters.Add(
                        new NpgsqlParameter<long[]>
                        {
                            TypedValue = positions,
                            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Bigint,
                        }
                    ),
                ReadHead,
                ct
            )
            .ConfigureAwait(false);
        return found.DistinctBy(head => head.Size).ToDictionary(head => head.Size, head => head.Chain);
    }

    public ValueTask<List<StoredNote>> CutsAsync(CancellationToken ct) => ReadAsync(sql.Cuts, static _ => { }, ReadNote, ct);

    public ValueTask<bool> CutAsync(AuditCheckpoint cut, AuditRow entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, Cut: cut, Entry: entry),
            static async (transaction, state, token) =>
            {
                var command = PostgreSqlAuditSealing.Bind(
                    new NpgsqlCommand(state.Store.sql.InsertCut, transaction.Connection, transaction),
                    state.Cut
                );
                await using var _ = command.ConfigureAwait(false);
                if (await command.ExecuteNonQueryAsync(token).ConfigureAwait(false) == 0)
                {
                    return false;
                }

                var record = new NpgsqlCommand(state.Store.insertEntry, transaction.Connection, transaction);
                await using var __ = record.ConfigureAwait(false);
                await PostgreSqlAuditRows.Bind(record, state.Entry).ExecuteNonQueryAsync(token).ConfigureAwait(false);
                return true;
            },
            ct
        );

    public async ValueTask<int> DeleteAsync(long through, int limit, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(delete, connection).Bind(through).Bind(limit);
        await using var __ = command.ConfigureAwait(false);
        var deleted = await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        if (deleted < limit)
        {
            foreach (var notes in (string[])[sql.DeleteCheckpoints, sql.DeleteCuts])
            {
                var older = new NpgsqlCommand(notes, connection).Bind(through);
                await using var ___ = older.ConfigureAwait(false);
                await older.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
            }
        }

        return deleted;
    }

    public ValueTask<List<AuditKeyCount>> KeyCountsAsync(long after, CancellationToken ct) =>
        ReadAsync(keyCounts, command => command.Bind(after), ReadKeyCount, ct);

    internal static AuditHead ReadHead(NpgsqlDataReader reader) => new(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));

    internal static StoredNote ReadNote(NpgsqlDataReader reader) => new(reader.GetInt64(0), reader.GetString(1));

    internal static AuditKeyCount ReadKeyCount(NpgsqlDataReader reader) =>
        new(reader.GetString(0), reader.GetString(1), reader.GetInt64(2));

    private async ValueTask<List<T>> ReadAsync<T>(
        string text,
        Action<NpgsqlCommand> bind,
        Func<NpgsqlDataReader, T> read,
        CancellationToken ct
    )
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(text, connection);
        await using var __ = command.ConfigureAwait(false);
        bind(command);
        return await PostgreSqlAuditSealing.ReadAsync(command, read, ct).ConfigureAwait(false);
    }
}
