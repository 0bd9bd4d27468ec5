using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Accounts;

/// <content>The secrets of accounts by their keys. Names of tables and columns are constants of <see cref="AccountSecretColumn"/>.</content>
internal sealed partial class PostgreSqlAccountStore
{
    public async ValueTask<IReadOnlyList<(Guid AccountId, string Secret)>> ListSecretsAsync(
        AccountSecretColumn column,
        string currentPrefix,
        Guid after,
        int limit,
        CancellationToken ct
    )
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var sql = $"""
            select {column.IdColumn}, {column.Column} from {database.TablePrefix}{column.Table}
            where {column.IdColumn} > $1 and substr({column.Column}, 1, {AccountSecrets.KeyPrefixLength}) <> $2 order by {column.IdColumn} limit $3
            """;
        var command = new NpgsqlCommand(sql, connection).Bind(after).Bind(currentPrefix).Bind(limit);
        await using var __ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        var rows = new List<(Guid, string)>();
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            rows.Add((reader.GetGuid(0), reader.GetString(1)));
        }

        return rows;
    }

    public async ValueTask<bool> ReplaceSecretAsync(
        AccountSecretColumn column,
        Guid accountId,
        string before,
        string after,
        CancellationToken ct
    )
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var sql =
            $"update {database.TablePrefix}{column.Table} set {column.Column} = $3 where {column.IdColumn} = $1 and {column.Column} = $2";
        var command = new NpgsqlCommand(sql, connection).Bind(accountId).Bind(before).Bind(after);
        return await ExecuteAsync(command, ct).ConfigureAwait(false) == 1;
    }

    public async ValueTask<IReadOnlyList<(string Prefix, long Rows)>> CountSecretsAsync(AccountSecretColumn column, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var sql =
            $"select substr({column.Column}, 1, {AccountSecrets.KeyPrefixLength}), count(*) from {database.TablePrefix}{column.Table} group by 1";
        var command = new NpgsqlCommand(sql, connection);
        await using var __ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        var counts = new List<(string, long)>();
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            counts.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return counts;
    }
}
