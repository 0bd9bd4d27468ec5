using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Audit;

/// <summary>The chain in a SQLite file. Sealing goes through the writer lane: while it runs nobody else writes, and whatever it sees is committed.</summary>
internal sealed class SqliteAuditChainStore : IAuditChainStore
{
    private readonly SqliteDatabase database;
    private readonly AuditChainSql sql;
    private readonly SqliteAuditSealing.Statements sealing;
    private readonly string hasWork;
    private readonly string unsealed;
    private readonly string insertEntry;
    private readonly string deleteEntries;
    private readonly string deleteSeals;
    private readonly string keyCounts;
    private readonly string chain;

    public SqliteAuditChainStore(SqliteDatabase database)
    {
        this.database = database;
        sql = new AuditChainSql(database.TablePrefix, '?');
        sealing = new SqliteAuditSealing.Statements(sql);
        hasWork = sql.Expand(
            "select exists (select 1 from {p}audit_pending) "
                + "or coalesce((select max(sequence) from {p}audit_seal), 0) > coalesce((select max(size) from {p}audit_checkpoint), 0)"
        );
        // An entry is pending from the transaction that writes it to the one that seals it.
        unsealed = sql.Expand(
            $"select {SqliteAuditRows.Columns("l.")}, l.id not in (select entry_id from {{p}}audit_pending) from {{p}}audit_log l "
                + "where l.id > @1 and (@2 is null or l.id <= @2) "
                + "and not exists (select 1 from {p}audit_seal s where s.entry_id = l.id) order by l.id limit @3"
        );
        chain = sql.Expand("select sequence, chain from {p}audit_seal where sequence = @1");
        insertEntry = SqliteAuditRows.InsertInto(database.TablePrefix);
        deleteEntries = sql.Expand(
            "delete from {p}audit_log where id in (select entry_id from {p}audit_seal where sequence <= @1 order by sequence limit @2)"
        );
        deleteSeals = sql.Expand(
            "delete from {p}audit_seal where sequence in (select sequence from {p}audit_seal where sequence <= @1 order by sequence limit @2)"
        );
        keyCounts = sql.Expand(
            sql.KeyCounts
                + " union all "
                + sql.NoteKeyCounts
                + " union all select 'audit_log', l.key_id, count(*) from {p}audit_pending p join {p}audit_log l on l.id = p.entry_id group by l.key_id"
        );
    }

    public ValueTask<bool> HasWorkAsync(CancellationToken ct) =>
        ValueTask.FromResult(Read(hasWork, static _ => { }, static r => r.GetBoolean(0))[0]);

    public ValueTask<T?> SealAsync<T>(Func<IAuditSealing, CancellationToken, ValueTask<T>> work, CancellationToken ct) =>
        database.WriteAsync(
            (Statements: sealing, Work: work),
            static async (session, state, token) =>
                (T?)await state.Work(new SqliteAuditSealing(session, state.Statements), token).ConfigureAwait(false),
            ct
        );

    public ValueTask<AuditHead> HeadAsync(CancellationToken ct) =>
        ValueTask.FromResult(Read(sql.Head, static _ => { }, ReadHead) is [var head] ? head : AuditHead.Empty);

    public ValueTask<List<SealedEntry>> SealedAsync(long after, int limit, CancellationToken ct) =>
        OffThreadAsync(
            () =>
                Read(
                    sql.Sealed,
                    command => command.Bind(1, after).Bind(2, (long)limit),
                    static r => new SealedEntry(
                        new AuditSeal(r.GetInt64(0), r.GetGuidBlob(1), 0, r.GetString(2), r.GetBlob(3)),
                        r.IsDBNull(4) ? null : SqliteAuditRows.Read(r, 4)
                    )
                ),
            ct
        );

    public ValueTask<UnsealedWindow> UnsealedAsync(Guid after, int window, CancellationToken ct) =>
        OffThreadAsync(
            () =>
            {
                var end = Read(
                    sql.WindowEnd,
                    command => command.Bind(1, after).Bind(2, (long)window - 1),
                    static r => (Guid?)r.GetGuidBlob(0)
                )
                    is [var last]
                    ? last
                    : null;
                var entries = Read(
                    unsealed,
                    command => command.Bind(1, after).Bind(2, end).Bind(3, (long)window),
                    static r => (SqliteAuditRows.Read(r), r.GetBoolean(12))
                );
                return new UnsealedWindow(entries, end);
            },
            ct
        );

    public ValueTask<List<StoredNote>> CheckpointsAsync(long after, int limit, CancellationToken ct) =>
        ValueTask.FromResult(Read(sql.Checkpoints, command => command.Bind(1, after).Bind(2, (long)limit), ReadNote));

    public ValueTask<StoredNote?> CheckpointAsync(DateTimeOffset? madeBy, CancellationToken ct) =>
        ValueTask.FromResult(
            madeBy is { } time
                ? Read(sql.CheckpointByTime, command => command.Bind(1, time), ReadNote).FirstOrDefault()
                : Read(sql.CheckpointBySize, static command => command.Bind(1, long.MaxValue), ReadNote).FirstOrDefault()
        );

    public ValueTask<Dictionary<long, byte[]>> ChainsAsync(long[] positions, CancellationToken ct)
    {
        var chains = new Dictionary<long, byte[]>();
        foreach (var position in positions)
        {
            if (Read(chain, command => command.Bind(1, position), ReadHead) is [var head])
            {
                chains[position] = head.Chain;
            }
        }

        return ValueTask.FromResult(chains);
    }

    public ValueTask<List<StoredNote>> CutsAsync(CancellationToken ct) => ValueTask.FromResult(Read(sql.Cuts, static _ => { }, ReadNote));

    public ValueTask<bool> CutAsync(AuditCheckpoint cut, AuditRow entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, Cut: cut, Entry: entry),
            static (session, state, _) =>
            {
                var isNew = SqliteAuditSealing.Insert(session, state.Store.sql.InsertCut, state.Cut) == 1;
                if (isNew)
                {
                    SqliteAuditRows.Insert(session, state.Store.insertEntry, state.Entry);
                }

                return ValueTask.FromResult(isNew);
            },
            ct
        );

    public ValueTask<int> DeleteAsync(long through, int limit, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, Through: through, Limit: (long)limit),
            static (session, state, _) =>
            {
                session.Command(state.Store.deleteEntries).Bind(1, state.Through).Bind(2, state.Limit).ExecuteNonQuery();
                var deleted = session.Command(state.Store.deleteSeals).Bind(1, state.Through).Bind(2, state.Limit).ExecuteNonQuery();
                if (deleted < state.Limit)
                {
                    session.Command(state.Store.sql.DeleteCheckpoints).Bind(1, state.Through).ExecuteNonQuery();
                    session.Command(state.Store.sql.DeleteCuts).Bind(1, state.Through).ExecuteNonQuery();
                }

                return ValueTask.FromResult(deleted);
            },
            ct
        );

    public ValueTask<List<AuditKeyCount>> KeyCountsAsync(long after, CancellationToken ct) =>
        ValueTask.FromResult(Read(keyCounts, command => command.Bind(1, after), ReadKeyCount));

    internal static AuditHead ReadHead(SqliteDataReader reader) => new(reader.GetInt64(0), reader.GetBlob(1));

    internal static StoredNote ReadNote(SqliteDataReader reader) => new(reader.GetInt64(0), reader.GetString(1));

    internal static AuditKeyCount ReadKeyCount(SqliteDataReader reader) =>
        new(reader.GetString(0), reader.GetString(1), reader.GetInt64(2));

    // A check reads everything, and SQLite's reads are synchronous.
    private static async ValueTask<T> OffThreadAsync<T>(Func<T> read, CancellationToken ct) =>
        await Task.Run(read, ct).ConfigureAwait(false);

    private List<T> Read<T>(string text, Action<SqliteCommand> bind, Func<SqliteDataReader, T> read) =>
        database.Read(
            (Text: text, Bind: bind, Read: read),
            static (session, state) => SqliteAuditSealing.Read(session.Command(state.Text), state.Bind, state.Read)
        );
}
