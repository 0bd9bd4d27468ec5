using Autom8.Storage;

namespace Autom8.Security.Accounts;

/// <content>The secrets of accounts by their keys. Names of tables and columns are constants of <see cref="AccountSecretColumn"/>.</content>
internal sealed partial class SqliteAccountStore
{
    public ValueTask<IReadOnlyList<(Guid AccountId, string Secret)>> ListSecretsAsync(
        AccountSecretColumn column,
        string currentPrefix,
        Guid after,
        int limit,
        CancellationToken ct
    )
    {
        ct.ThrowIfCancellationRequested();
        var sql = $"""
            select {column.IdColumn}, {column.Column} from {database.TablePrefix}{column.Table}
            where {column.IdColumn} > ?1 and substr({column.Column}, 1, {AccountSecrets.KeyPrefixLength}) <> ?2 order by {column.IdColumn} limit ?3
            """;
        return ValueTask.FromResult(
            database.Read(
                (sql, currentPrefix, after, limit),
                static IReadOnlyList<(Guid, string)> (session, s) =>
                {
                    var rows = new List<(Guid, string)>();
                    using var reader = session
                        .Command(s.sql)
                        .Bind(1, s.after)
                        .Bind(2, s.currentPrefix)
                        .Bind(3, (long)s.limit)
                        .ExecuteReader();
                    while (reader.Read())
                    {
                        rows.Add((reader.GetGuidBlob(0), reader.GetString(1)));
                    }

                    return rows;
                }
            )
        );
    }

    public ValueTask<bool> ReplaceSecretAsync(
        AccountSecretColumn column,
        Guid accountId,
        string before,
        string after,
        CancellationToken ct
    ) =>
        database.WriteAsync(
            (
                sql: $"update {database.TablePrefix}{column.Table} set {column.Column} = ?3 where {column.IdColumn} = ?1 and {column.Column} = ?2",
                accountId,
                before,
                after
            ),
            static (session, s, _) =>
                ValueTask.FromResult(session.Command(s.sql).Bind(1, s.accountId).Bind(2, s.before).Bind(3, s.after).ExecuteNonQuery() == 1),
            ct
        );

    public ValueTask<IReadOnlyList<(string Prefix, long Rows)>> CountSecretsAsync(AccountSecretColumn column, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                $"select substr({column.Column}, 1, {AccountSecrets.KeyPrefixLength}), count(*) from {database.TablePrefix}{column.Table} group by 1",
                static IReadOnlyList<(string, long)> (session, sql) =>
                {
                    var counts = new List<(string, long)>();
                    using var reader = session.Command(sql).ExecuteReader();
                    while (reader.Read())
                    {
                        counts.Add((reader.GetString(0), reader.GetInt64(1)));
                    }

                    return counts;
                }
            )
        );
    }
}
