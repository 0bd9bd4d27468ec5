using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Accounts;

/// <summary>API keys in a SQLite file.</summary>
internal sealed class SqliteApiKeyStore(SqliteDatabase database, IAuditLog audit) : IApiKeyStore
{
    private readonly string count = $"select count(*) from {database.TablePrefix}api_key where account_id = ?1 and revoked_at is null";
    private readonly string insert =
        $"insert into {database.TablePrefix}api_key ({StoredApiKey.Columns}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    private readonly string find =
        $"select {StoredApiKey.Columns} from {database.TablePrefix}api_key where hash = ?1 and revoked_at is null";
    private readonly string list =
        $"select {StoredApiKey.Columns} from {database.TablePrefix}api_key where account_id = ?1 and revoked_at is null order by id";
    private readonly string used =
        $"update {database.TablePrefix}api_key set last_used_at = ?2, hash = ?3, key_id = ?4 where id = ?1 and (last_used_at is null or last_used_at <= ?5)";
    private readonly string revoke =
        $"update {database.TablePrefix}api_key set revoked_at = ?3 where id = ?1 and account_id = ?2 and revoked_at is null";
    private readonly string countKeys =
        $"select key_id, count(*) from {database.TablePrefix}api_key where revoked_at is null group by key_id";

    public ValueTask<bool> AddAsync(StoredApiKey key, int most, AuditEntry entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, key, most, entry),
            static async (session, s, token) =>
            {
                if ((long)session.Command(s.Store.count).Bind(1, s.key.Key.AccountId).ExecuteScalar()! >= s.most)
                {
                    return false;
                }

                Bind(session.Command(s.Store.insert), s.key).ExecuteNonQuery();
                await s.Store.RecordAsync(session, s.entry, token).ConfigureAwait(false);
                return true;
            },
            ct
        );

    public ValueTask<StoredApiKey?> FindAsync(IReadOnlyList<byte[]> hashes, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                (find, hashes),
                static (session, s) => s.hashes.SelectMany(hash => All(session.Command(s.find).Bind(1, hash))).FirstOrDefault()
            )
        );
    }

    public ValueTask<IReadOnlyList<ApiKey>> ListAsync(Guid accountId, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                (list, accountId),
                static IReadOnlyList<ApiKey> (session, s) => [.. All(session.Command(s.list).Bind(1, s.accountId)).Select(k => k.Key)]
            )
        );
    }

    public async ValueTask UsedAsync(StoredApiKey key, DateTimeOffset now, DateTimeOffset ifBefore, CancellationToken ct) =>
        await database
            .WriteAsync(
                (used, key, now, ifBefore),
                static (session, s, _) =>
                    ValueTask.FromResult(
                        session
                            .Command(s.used)
                            .Bind(1, s.key.Key.Id)
                            .Bind(2, s.now)
                            .Bind(3, s.key.Hash)
                            .Bind(4, s.key.HashKey.ToArray())
                            .Bind(5, s.ifBefore)
                            .ExecuteNonQuery()
                    ),
                ct
            )
            .ConfigureAwait(false);

    public ValueTask<bool> RevokeAsync(Guid accountId, Guid id, DateTimeOffset now, AuditEntry entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, accountId, id, now, entry),
            static async (session, s, token) =>
            {
                if (session.Command(s.Store.revoke).Bind(1, s.id).Bind(2, s.accountId).Bind(3, s.now).ExecuteNonQuery() == 0)
                {
                    return false;
                }

                await s.Store.RecordAsync(session, s.entry, token).ConfigureAwait(false);
                return true;
            },
            ct
        );

    public ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountKeysAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                countKeys,
                static IReadOnlyList<(KeyId, long)> (session, sql) =>
                {
                    var counts = new List<(KeyId, long)>();
                    using var reader = session.Command(sql).ExecuteReader();
                    while (reader.Read())
                    {
                        counts.Add((new KeyId(reader.GetBlob(0)), reader.GetInt64(1)));
                    }

                    return counts;
                }
            )
        );
    }

    private ValueTask RecordAsync(SqliteSession session, AuditEntry entry, CancellationToken ct) =>
        audit.AppendAsync(entry, session.Transaction!, ct);

    private static SqliteCommand Bind(SqliteCommand command, StoredApiKey stored) =>
        command
            .Bind(1, stored.Key.Id)
            .Bind(2, stored.Key.AccountId)
            .Bind(3, StoredApiKey.Write(stored.Key.Kind))
            .Bind(4, stored.Key.Name)
            .Bind(5, stored.Hash)
            .Bind(6, stored.HashKey.ToArray())
            .Bind(7, AccountColumns.Write(stored.Key.Roles))
            .Bind(8, AccountColumns.Write(stored.Key.Scopes))
            .Bind(9, stored.Key.CreatedAt)
            .Bind(10, stored.Key.ExpiresAt)
            .Bind(11, stored.Key.LastUsedAt);

    private static List<StoredApiKey> All(SqliteCommand command)
    {
        var keys = new List<StoredApiKey>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            keys.Add(
                new StoredApiKey(
                    new ApiKey(
                        reader.GetGuidBlob(0),
                        reader.GetGuidBlob(1),
                        StoredApiKey.ReadKind(reader.GetString(2)),
                        reader.GetString(3),
                        AccountColumns.ReadRoles(reader.GetString(6)),
                        AccountColumns.ReadRoles(reader.GetString(7)),
                        reader.GetTimestamp(8),
                        reader.GetTimestampOrNull(9),
                        reader.GetTimestampOrNull(10)
                    ),
                    reader.GetBlob(4),
                    new KeyId(reader.GetBlob(5))
                )
            );
        }

        return keys;
    }
}
