using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Reencryption;

internal sealed class PostgreSqlReencryptionLog(PostgreSqlDatabase database) : IReencryptionLog
{
    private const string Columns = "name, target, position, passes, changed, failed, started_at, completed_at";

    private readonly string read = $"select {Columns} from {database.TablePrefix}reencryption where name = $1";

    private readonly string write = $"""
        insert into {database.TablePrefix}reencryption ({Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (name) do update set target = excluded.target, position = excluded.position, passes = excluded.passes,
            changed = excluded.changed, failed = excluded.failed, started_at = excluded.started_at, completed_at = excluded.completed_at
        """;

    public async ValueTask<ReencryptionProgress?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(read, connection).Bind(name);
        await using var __ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new ReencryptionProgress(
                reader.GetString(0),
                reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetGuid(2),
                reader.GetInt32(3),
                reader.GetInt64(4),
                reader.GetInt64(5),
                reader.GetTimestamp(6),
                reader.GetTimestampOrNull(7)
            )
            : null;
    }

    public async ValueTask WriteAsync(ReencryptionProgress progress, CancellationToken cancellationToken)
    {
        var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(write, connection)
            .Bind(progress.Name)
            .Bind(progress.Target)
            .Bind(progress.Position)
            .Bind(progress.Passes)
            .Bind(progress.Changed)
            .Bind(progress.Failed)
            .Bind(progress.StartedAt)
            .Bind(progress.CompletedAt);
        await using var __ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
