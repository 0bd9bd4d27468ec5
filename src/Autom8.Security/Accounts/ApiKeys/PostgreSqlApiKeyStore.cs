using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Accounts;

/// <summary>API keys in a PostgreSQL database.</summary>
internal sealed class PostgreSqlApiKeyStore(PostgreSqlDatabase database, IAuditLog audit) : IApiKeyStore
{
    // Keys of one account are added one after the other, so that their number is exact; the count is a statement of its own, younger than the lock.
    private readonly string lockOwner = $"select 1 from {database.TablePrefix}account where id = $1 for update";
    private readonly string count = $"select count(*) from {database.TablePrefix}api_key where account_id = $1 and revoked_at is null";
    private readonly string insert =
        $"insert into {database.TablePrefix}api_key ({StoredApiKey.Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    private readonly string find =
        $"select {StoredApiKey.Columns} from {database.TablePrefix}api_key where hash = any($1) and revoked_at is null";
    private readonly string list =
        $"select {StoredApiKey.Columns} from {database.TablePrefix}api_key where account_id = $1 and revoked_at is null order by id";
    private readonly string used =
        $"update {database.TablePrefix}api_key set last_used_at = $2, hash = $3, key_id = $4 where id = $1 and (last_used_at is null or last_used_at <= $5)";
    private readonly string revoke =
        $"update {database.TablePrefix}api_key set revoked_at = $3 where id = $1 and account_id = $2 and revoked_at is null";
    private readonly string countKeys =
        $"select key_id, count(*) from {database.TablePrefix}api_key where revoked_at is null group by key_id";

    public ValueTask<bool> AddAsync(StoredApiKey key, int most, AuditEntry entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, key, most, entry),
            static async (transaction, s, token) =>
            {
                var locking = Command(transaction, s.Store.lockOwner).Bind(s.key.Key.AccountId);
                await ExecuteAsync(locking, token).ConfigureAwait(false);
                var counting = Command(transaction, s.Store.count).Bind(s.key.Key.AccountId);
                await using var _ = counting.ConfigureAwait(false);
                if ((long)(await counting.ExecuteScalarAsync(token).ConfigureAwait(false))! >= s.most)
                {
                    return false;
                }

                await ExecuteAsync(Bind(Command(transaction, s.Store.insert), s.key), token).ConfigureAwait(false);
                await s.Store.RecordAsync(transaction, s.entry, token).ConfigureAwait(false);
                return true;
            },
            ct
        );

    public async ValueTask<StoredApiKey?> FindAsync(IReadOnlyList<byte[]> hashes, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return (await AllAsync(new NpgsqlCommand(find, connection).Bind([.. hashes]), ct).ConfigureAwait(false)).FirstOrDefault();
    }

    public async ValueTask<IReadOnlyList<ApiKey>> ListAsync(Guid accountId, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return [.. (await AllAsync(new NpgsqlCommand(list, connection).Bind(accountId), ct).ConfigureAwait(false)).Select(k => k.Key)];
    }

    public async ValueTask UsedAsync(StoredApiKey key, DateTimeOffset now, DateTimeOffset ifBefore, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(used, connection)
            .Bind(key.Key.Id)
            .Bind(now)
            .Bind(key.Hash)
            .Bind(key.HashKey.ToArray())
            .Bind(ifBefore);
        await ExecuteAsync(command, ct).ConfigureAwait(false);
    }

    public ValueTask<bool> RevokeAsync(Guid accountId, Guid id, DateTimeOffset now, AuditEntry entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, accountId, id, now, entry),
            static async (transaction, s, token) =>
            {
                var command = Command(transaction, s.Store.revoke).Bind(s.id).Bind(s.accountId).Bind(s.now);
                if (await ExecuteAsync(command, token).ConfigureAwait(false) == 0)
                {
                    return false;
                }

                await s.Store.RecordAsync(transaction, s.entry, token).ConfigureAwait(false);
                return true;
            },
            ct
        );

    public async ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountKeysAsync(CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(countKeys, connection);
        await using var __ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        var counts = new List<(KeyId, long)>();
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            counts.Add((new KeyId(reader.GetFieldValue<byte[]>(0)), reader.GetInt64(1)));
        }

        return counts;
    }

    private ValueTask RecordAsync(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken ct) =>
        audit.AppendAsync(entry, transaction, ct);

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql) => new(sql, transaction.Connection, transaction);

    private static async ValueTask<int> ExecuteAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    private static NpgsqlCommand Bind(NpgsqlCommand command, StoredApiKey stored) =>
        command
            .Bind(stored.Key.Id)
            .Bind(stored.Key.AccountId)
            .Bind(StoredApiKey.Write(stored.Key.Kind))
            .Bind(stored.Key.Name)
            .Bind(stored.Hash)
            .Bind(stored.HashKey.ToArray())
            .Bind(AccountColumns.Write(stored.Key.Roles))
            .Bind(AccountColumns.Write(stored.Key.Scopes))
            .Bind(stored.Key.CreatedAt)
            .Bind(stored.Key.ExpiresAt)
            .Bind(stored.Key.LastUsedAt);

    private static async ValueTask<List<StoredApiKey>> AllAsync(NpgsqlCommand command, CancellationToken ct)
    {
        await using var _ = command.ConfigureAwait(false);
        var keys = new List<StoredApiKey>();
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            keys.Add(
                new StoredApiKey(
                    new ApiKey(
                        reader.GetGuid(0),
                        reader.GetGuid(1),
                        StoredApiKey.ReadKind(reader.GetString(2)),
                        reader.GetString(3),
                        AccountColumns.ReadRoles(reader.GetString(6)),
                        AccountColumns.ReadRoles(reader.GetString(7)),
                        reader.GetTimestamp(8),
                        reader.GetTimestampOrNull(9),
                        reader.GetTimestampOrNull(10)
                    ),
                    reader.GetFieldValue<byte[]>(4),
                    new KeyId(reader.GetFieldValue<byte[]>(5))
                )
            );
        }

        return keys;
    }
}
