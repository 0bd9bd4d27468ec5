using Npgsql;

namespace Autom8.Storage;

/// <summary>Brings a PostgreSQL database's schema up to date, all modules in one transaction under an advisory lock: any number of processes may start at once.</summary>
internal static class PostgreSqlMigrator
{
    // One lock for all of Autom8 in a database, whatever the schema's name: "autom8" in ASCII.
    private const long LockKey = 0x6175_746F_6D38;

    public static async Task<int> ApplyAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<MigrationSet> sets,
        StorageOptions options,
        CancellationToken cancellationToken
    )
    {
        var schema = options.Schema;
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        await ExecuteAsync(transaction, $"select pg_advisory_xact_lock({LockKey})", cancellationToken).ConfigureAwait(false);
        if (!await ExistsAsync(transaction, schema, cancellationToken).ConfigureAwait(false))
        {
            await ExecuteAsync(
                    transaction,
                    $"create schema if not exists {schema}; create table {schema}.autom8_schema (module text not null, version integer not null, "
                        + "checksum text not null, applied_at timestamptz not null default now(), primary key (module, version))",
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        var applied = await AppliedAsync(transaction, schema, cancellationToken).ConfigureAwait(false);
        var database = $"The database '{connection.Database}' on {connection.Host}";
        var pending = MigrationPlan.Create(sets, applied, options.SchemaMode, validateWhenPresent: true, database);
        foreach (var (set, step) in pending)
        {
            await ExecuteAsync(transaction, step.Sql.Replace("{prefix}", schema + ".", StringComparison.Ordinal), cancellationToken)
                .ConfigureAwait(false);
            var record = new NpgsqlCommand(
                $"insert into {schema}.autom8_schema (module, version, checksum) values ($1, $2, $3)",
                connection,
                transaction
            )
                .Bind(set.Module)
                .Bind(step.Version)
                .Bind(step.Checksum);
            await using (record.ConfigureAwait(false))
            {
                await record.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return pending.Count;
    }

    private static async Task<bool> ExistsAsync(NpgsqlTransaction transaction, string schema, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("select to_regclass($1) is not null", transaction.Connection, transaction).Bind(
            schema + ".autom8_schema"
        );
        await using var _ = command.ConfigureAwait(false);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static async Task<List<AppliedMigration>> AppliedAsync(
        NpgsqlTransaction transaction,
        string schema,
        CancellationToken cancellationToken
    )
    {
        var applied = new List<AppliedMigration>();
        var command = new NpgsqlCommand(
            $"select module, version, checksum from {schema}.autom8_schema",
            transaction.Connection,
            transaction
        );
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            applied.Add(new AppliedMigration(reader.GetString(0), reader.GetInt32(1), reader.GetString(2)));
        }

        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
