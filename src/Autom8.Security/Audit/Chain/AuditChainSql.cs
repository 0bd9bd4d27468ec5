namespace Autom8.Security.Audit;

/// <summary>The statements on the chain's tables that are the same on both engines. Parameters are written <c>@1</c> here.</summary>
internal sealed class AuditChainSql(string prefix, char marker)
{
    public string Prefix => prefix;

    public string Head { get; } = Of(prefix, marker, "select sequence, chain from {p}audit_seal order by sequence desc limit 1");

    public string Sealed { get; } =
        Of(
            prefix,
            marker,
            "select s.sequence, s.entry_id, s.key_id, s.chain, "
                + PostgreSqlAuditRows.Columns("l.")
                + " from {p}audit_seal s left join {p}audit_log l on l.id = s.entry_id where s.sequence > @1 order by s.sequence limit @2"
        );

    /// <summary>The last id of a window, or nothing where the window holds all that is left.</summary>
    public string WindowEnd { get; } = Of(prefix, marker, "select id from {p}audit_log where id > @1 order by id limit 1 offset @2");

    public string Checkpoints { get; } =
        Of(prefix, marker, "select size, note from {p}audit_checkpoint where size > @1 order by size limit @2");

    public string CheckpointBySize { get; } =
        Of(prefix, marker, "select size, note from {p}audit_checkpoint where size <= @1 order by size desc limit 1");

    public string CheckpointByTime { get; } =
        Of(prefix, marker, "select size, note from {p}audit_checkpoint where timestamp <= @1 order by size desc limit 1");

    public string Cuts { get; } = Of(prefix, marker, "select size, note from {p}audit_cut order by size desc limit 1000");

    public string InsertCheckpoint { get; } =
        Of(prefix, marker, "insert into {p}audit_checkpoint (size, timestamp, key_id, note) values (@1, @2, @3, @4)");

    public string InsertCut { get; } =
        Of(
            prefix,
            marker,
            "insert into {p}audit_cut (size, timestamp, key_id, note) values (@1, @2, @3, @4) on conflict (size) do nothing"
        );

    public string DeleteCheckpoints { get; } = Of(prefix, marker, "delete from {p}audit_checkpoint where size < @1");

    public string DeleteCuts { get; } = Of(prefix, marker, "delete from {p}audit_cut where size < @1");

    /// <summary>Entries and seals by key, after a position.</summary>
    public string KeyCounts { get; } =
        Of(
            prefix,
            marker,
            "select 'audit_log', l.key_id, count(*) from {p}audit_seal s join {p}audit_log l on l.id = s.entry_id where s.sequence > @1 group by l.key_id "
                + "union all select 'audit_seal', key_id, count(*) from {p}audit_seal where sequence > @1 group by key_id"
        );

    /// <summary>Checkpoints and cuts by key: few rows.</summary>
    public string NoteKeyCounts { get; } =
        Of(
            prefix,
            marker,
            "select 'audit_checkpoint', key_id, count(*) from {p}audit_checkpoint group by key_id "
                + "union all select 'audit_cut', key_id, count(*) from {p}audit_cut group by key_id"
        );

    public string Expand(string sql) => Of(prefix, marker, sql);

    private static string Of(string prefix, char marker, string sql) =>
        sql.Replace("{p}", prefix, StringComparison.Ordinal).Replace('@', marker);
}
