using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Npgsql;

namespace Autom8.Security.Accounts;

/// <summary>Families of refresh tokens in a PostgreSQL database. A rotation that meets another waits for its row, then finds the condition gone.</summary>
internal sealed class PostgreSqlRefreshTokenStore(PostgreSqlDatabase database, IAuditLog audit) : IRefreshTokenStore
{
    private readonly string insert =
        $"insert into {database.TablePrefix}refresh_family ({RefreshFamily.Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    private readonly string find = $"select {RefreshFamily.Columns} from {database.TablePrefix}refresh_family where handle_hash = any($1)";
    private readonly string rotate = $"""
        update {database.TablePrefix}refresh_family f set key_id = $2, handle_hash = $3, current_hash = $4, previous_hash = $5, rotated_at = $6, idle_expires_at = $7
        where f.id = $1 and f.current_hash = $8 and f.revoked_at is null
        and exists (select 1 from {database.TablePrefix}account a where a.id = f.account_id and a.state = 'active' and a.epoch = f.epoch)
        """;
    private readonly string revoke =
        $"update {database.TablePrefix}refresh_family set revoked_at = $2 where id = $1 and revoked_at is null";
    private readonly string revokeMany =
        $"update {database.TablePrefix}refresh_family set revoked_at = $1 where revoked_at is null and ($2::uuid is null or account_id = $2)";

    // What another node is removing already is left to it.
    private readonly string remove = $"""
        delete from {database.TablePrefix}refresh_family where id in
        (select id from {database.TablePrefix}refresh_family where expires_at <= $1 or revoked_at <= $2 limit $3 for update skip locked)
        """;
    private readonly string countKeys = $"select key_id, count(*) from {database.TablePrefix}refresh_family group by key_id";

    public async ValueTask AddAsync(RefreshFamily family, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await ExecuteAsync(Bind(new NpgsqlCommand(insert, connection), family), ct).ConfigureAwait(false);
    }

    public async ValueTask<RefreshFamily?> FindAsync(IReadOnlyList<byte[]> handleHashes, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(find, connection).Bind([.. handleHashes]);
        await using var __ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        return await reader.ReadAsync(ct).ConfigureAwait(false) ? Read(reader) : null;
    }

    public async ValueTask<bool> RotateAsync(RefreshFamily next, byte[] used, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(rotate, connection)
            .Bind(next.Id)
            .Bind(next.Key.ToArray())
            .Bind(next.HandleHash)
            .Bind(next.CurrentHash)
            .Bind(next.PreviousHash)
            .Bind(next.RotatedAt)
            .Bind(next.IdleExpiresAt)
            .Bind(used);
        return await ExecuteAsync(command, ct).ConfigureAwait(false) == 1;
    }

    public ValueTask<bool> RevokeAsync(Guid familyId, DateTimeOffset now, AuditEntry entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, familyId, now, entry),
            static async (transaction, s, token) =>
            {
                var command = Command(transaction, s.Store.revoke).Bind(s.familyId).Bind(s.now);
                if (await ExecuteAsync(command, token).ConfigureAwait(false) == 0)
                {
                    return false;
                }

                await s.Store.RecordAsync(transaction, s.entry, token).ConfigureAwait(false);
                return true;
            },
            ct
        );

    public ValueTask<int> RevokeManyAsync(Guid? accountId, DateTimeOffset now, AuditEntry entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, accountId, now, entry),
            static async (transaction, s, token) =>
            {
                var command = Command(transaction, s.Store.revokeMany).Bind(s.now).Bind(s.accountId);
                var revoked = await ExecuteAsync(command, token).ConfigureAwait(false);
                await s.Store.RecordAsync(transaction, s.entry, token).ConfigureAwait(false);
                return revoked;
            },
            ct
        );

    public async ValueTask<int> RemoveAsync(DateTimeOffset expired, DateTimeOffset revoked, int limit, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await ExecuteAsync(new NpgsqlCommand(remove, connection).Bind(expired).Bind(revoked).Bind(limit), ct).ConfigureAwait(false);
    }

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

    private static NpgsqlCommand Bind(NpgsqlCommand command, RefreshFamily family) =>
        command
            .Bind(family.Id)
            .Bind(family.AccountId)
            .Bind(family.Epoch)
            .Bind(family.Key.ToArray())
            .Bind(family.HandleHash)
            .Bind(family.CurrentHash)
            .Bind(family.PreviousHash)
            .Bind(family.RotatedAt)
            .Bind(family.CreatedAt)
            .Bind(family.IdleExpiresAt)
            .Bind(family.ExpiresAt)
            .Bind(family.RevokedAt);

    private static RefreshFamily Read(NpgsqlDataReader reader) =>
        new(
            reader.GetGuid(0),
            reader.GetGuid(1),
            reader.GetInt64(2),
            new KeyId(reader.GetFieldValue<byte[]>(3)),
            reader.GetFieldValue<byte[]>(4),
            reader.GetFieldValue<byte[]>(5),
            reader.GetBlobOrNull(6),
            reader.GetTimestampOrNull(7),
            reader.GetTimestamp(8),
            reader.GetTimestamp(9),
            reader.GetTimestamp(10),
            reader.GetTimestampOrNull(11)
        );
}
