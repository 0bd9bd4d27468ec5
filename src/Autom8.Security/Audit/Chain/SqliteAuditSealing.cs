using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Audit;

/// <summary>Sealing in SQLite, inside the writer lane: it awaits nothing but itself.</summary>
internal sealed class SqliteAuditSealing(SqliteSession session, SqliteAuditSealing.Statements statements) : IAuditSealing
{
    public ValueTask<AuditHead> HeadAsync(CancellationToken ct) =>
        ValueTask.FromResult(
            Read(session.Command(statements.Sql.Head), static _ => { }, SqliteAuditChainStore.ReadHead) is [var head]
                ? head
                : AuditHead.Empty
        );

    public ValueTask<StoredNote?> CheckpointAsync(long size, CancellationToken ct) =>
        ValueTask.FromResult(
            Read(session.Command(statements.Sql.CheckpointBySize), command => command.Bind(1, size), SqliteAuditChainStore.ReadNote)
                .FirstOrDefault()
        );

    public ValueTask<List<StoredNote>> CutsAsync(CancellationToken ct) =>
        ValueTask.FromResult(Read(session.Command(statements.Sql.Cuts), static _ => { }, SqliteAuditChainStore.ReadNote));

    // One that was deleted while it waited is sealed all the same, without a MAC: so it is missed.
    public ValueTask<List<UnsealedEntry>> UnsealedAsync(int limit, CancellationToken ct) =>
        ValueTask.FromResult(
            Read(
                    session.Command(statements.Unsealed),
                    command => command.Bind(1, (long)limit),
                    static r => new UnsealedEntry(r.GetGuidBlob(0), r.GetBlobOrNull(1) ?? [], (ulong)r.GetInt64(2))
                )
                .DistinctBy(entry => entry.Id)
                .ToList()
        );

    public ValueTask<bool> IsRestoredAsync(CancellationToken ct) => ValueTask.FromResult(false);

    public ValueTask<List<AuditKeyCount>> KeyCountsAsync(long after, CancellationToken ct) =>
        ValueTask.FromResult(
            Read(session.Command(statements.Sql.KeyCounts), command => command.Bind(1, after), SqliteAuditChainStore.ReadKeyCount)
        );

    public ValueTask WriteAsync(AuditRow entry, CancellationToken ct)
    {
        SqliteAuditRows.Insert(session, statements.InsertEntry, entry);
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(IReadOnlyList<AuditSeal> seals, CancellationToken ct)
    {
        foreach (var seal in seals)
        {
            session
                .Command(statements.InsertSeal)
                .Bind(1, seal.Sequence)
                .Bind(2, seal.EntryId)
                .Bind(3, seal.KeyId)
                .Bind(4, seal.Chain)
                .ExecuteNonQuery();
        }

        session.Command(statements.DeletePending).Bind(1, (long)seals[^1].TransactionId).ExecuteNonQuery();
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(AuditCheckpoint checkpoint, CancellationToken ct)
    {
        Insert(session, statements.Sql.InsertCheckpoint, checkpoint);
        return ValueTask.CompletedTask;
    }

    public static int Insert(SqliteSession session, string insert, AuditCheckpoint note) =>
        session
            .Command(insert)
            .Bind(1, note.Size)
            .Bind(2, note.Timestamp)
            .Bind(3, note.Key.ToString())
            .Bind(4, note.Text)
            .ExecuteNonQuery();

    public static List<T> Read<T>(SqliteCommand command, Action<SqliteCommand> bind, Func<SqliteDataReader, T> read)
    {
        bind(command);
        var rows = new List<T>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>The statements, made once.</summary>
    internal sealed class Statements(AuditChainSql sql)
    {
        public AuditChainSql Sql { get; } = sql;

        public string Unsealed { get; } =
            sql.Expand(
                "select p.entry_id, l.mac, p.position from {p}audit_pending p left join {p}audit_log l on l.id = p.entry_id "
                    + "where not exists (select 1 from {p}audit_seal s where s.entry_id = p.entry_id) order by p.position limit @1"
            );

        public string DeletePending { get; } = sql.Expand("delete from {p}audit_pending where position <= @1");

        public string InsertSeal { get; } =
            sql.Expand("insert into {p}audit_seal (sequence, entry_id, key_id, chain) values (@1, @2, @3, @4)");

        public string InsertEntry { get; } = SqliteAuditRows.InsertInto(sql.Prefix);
    }
}
