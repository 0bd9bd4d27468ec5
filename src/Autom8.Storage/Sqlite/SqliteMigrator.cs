using Microsoft.Data.Sqlite;

namespace Autom8.Storage;

/// <summary>Brings a SQLite file's schema up to date, all modules in one <c>BEGIN IMMEDIATE</c> transaction.</summary>
internal static class SqliteMigrator
{
    public static int Apply(
        SqliteSession session,
        IReadOnlyCollection<MigrationSet> sets,
        StorageOptions options,
        TimeProvider time,
        string database
    )
    {
        using var transaction = session.Connection.BeginTransaction(deferred: false);
        session.Transaction = transaction;
        try
        {
            session.Execute(
                "create table if not exists autom8_schema (module text not null, version integer not null, checksum text not null, applied_at integer not null, "
                    + "primary key (module, version)) strict, without rowid"
            );
            var pending = MigrationPlan.Create(sets, Applied(session), options.SchemaMode, validateWhenPresent: false, database);
            foreach (var (set, step) in pending)
            {
                session.Execute(step.Sql.Replace("{prefix}", options.SqliteTablePrefix, StringComparison.Ordinal));
                session
                    .Command("insert into autom8_schema (module, version, checksum, applied_at) values (?1, ?2, ?3, ?4)")
                    .Bind(1, set.Module)
                    .Bind(2, step.Version)
                    .Bind(3, step.Checksum)
                    .Bind(4, time.GetUtcTimestamp())
                    .ExecuteNonQuery();
            }

            transaction.Commit();
            return pending.Count;
        }
        finally
        {
            session.Transaction = null;
        }
    }

    private static List<AppliedMigration> Applied(SqliteSession session)
    {
        var applied = new List<AppliedMigration>();
        using var reader = session.Command("select module, version, checksum from autom8_schema").ExecuteReader();
        while (reader.Read())
        {
            applied.Add(new AppliedMigration(reader.GetString(0), reader.GetInt32(1), reader.GetString(2)));
        }

        return applied;
    }
}
