using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Accounts;

/// <summary>Families of refresh tokens in a SQLite file.</summary>
internal sealed class SqliteRefreshTokenStore(SqliteDatabase database, IAuditLog audit) : IRefreshTokenStore
{
    private readonly string insert =
        $"insert into {database.TablePrefix}refresh_family ({RefreshFamily.Columns}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    private readonly string find = $"select {RefreshFamily.Columns} from {database.TablePrefix}refresh_family where handle_hash = ?1";
    private readonly string rotate = $"""
        update {database.TablePrefix}refresh_family set key_id = ?2, handle_hash = ?3, current_hash = ?4, previous_hash = ?5, rotated_at = ?6, idle_expires_at = ?7
        where id = ?1 and current_hash = ?8 and revoked_at is null
        and exists (select 1 from {database.TablePrefix}account a where a.id = account_id and a.state = 'active' and a.epoch = {database.TablePrefix}refresh_family.epoch)
        """;
    private readonly string revoke =
        $"update {database.TablePrefix}refresh_family set revoked_at = ?2 where id = ?1 and revoked_at is null";
    private readonly string revokeAccount =
        $"update {database.TablePrefix}refresh_family set revoked_at = ?1 where revoked_at is null and account_id = ?2";
    private readonly string revokeAll = $"update {database.TablePrefix}refresh_family set revoked_at = ?1 where revoked_at is null";
    private readonly string remove = $"""
        delete from {database.TablePrefix}refresh_family where id in
        (select id from {database.TablePrefix}refresh_family where expires_at <= ?1 or revoked_at <= ?2 limit ?3)
        """;
    private readonly string countKeys = $"select key_id, count(*) from {database.TablePrefix}refresh_family group by key_id";

    public async ValueTask AddAsync(RefreshFamily family, CancellationToken ct) =>
        await database
            .WriteAsync(
                (insert, family),
                static (session, s, _) => ValueTask.FromResult(Bind(session.Command(s.insert), s.family).ExecuteNonQuery()),
                ct
            )
            .ConfigureAwait(false);

    public ValueTask<RefreshFamily?> FindAsync(IReadOnlyList<byte[]> handleHashes, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            database.Read(
                (find, handleHashes),
                static (session, s) =>
                    s.handleHashes.Select(hash => One(session.Command(s.find).Bind(1, hash))).FirstOrDefault(f => f is not null)
            )
        );
    }

    public ValueTask<bool> RotateAsync(RefreshFamily next, byte[] used, CancellationToken ct) =>
        database.WriteAsync(
            (rotate, next, used),
            static (session, s, _) =>
                ValueTask.FromResult(
                    session
                        .Command(s.rotate)
                        .Bind(1, s.next.Id)
                        .Bind(2, s.next.Key.ToArray())
                        .Bind(3, s.next.HandleHash)
                        .Bind(4, s.next.CurrentHash)
                        .Bind(5, s.next.PreviousHash)
                        .Bind(6, s.next.RotatedAt)
                        .Bind(7, s.next.IdleExpiresAt)
                        .Bind(8, s.used)
                        .ExecuteNonQuery() == 1
                ),
            ct
        );

    public ValueTask<bool> RevokeAsync(Guid familyId, DateTimeOffset now, AuditEntry entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, familyId, now, entry),
            static async (session, s, token) =>
            {
                if (session.Command(s.Store.revoke).Bind(1, s.familyId).Bind(2, s.now).ExecuteNonQuery() == 0)
                {
                    return false;
                }

                await s.Store.RecordAsync(session, s.entry, token).ConfigureAwait(false);
                return true;
            },
            ct
        );

    public ValueTask<int> RevokeManyAsync(Guid? accountId, DateTimeOffset now, AuditEntry entry, CancellationToken ct) =>
        database.WriteAsync(
            (Store: this, accountId, now, entry),
            static async (session, s, token) =>
            {
                var command = session.Command(s.accountId is null ? s.Store.revokeAll : s.Store.revokeAccount).Bind(1, s.now);
                var revoked = (s.accountId is { } account ? command.Bind(2, account) : command).ExecuteNonQuery();
                await s.Store.RecordAsync(session, s.entry, token).ConfigureAwait(false);
                return revoked;
            },
            ct
        );

    public ValueTask<int> RemoveAsync(DateTimeOffset expired, DateTimeOffset revoked, int limit, CancellationToken ct) =>
        database.WriteAsync(
            (remove, expired, revoked, limit),
            static (session, s, _) =>
                ValueTask.FromResult(
                    session.Command(s.remove).Bind(1, s.expired).Bind(2, s.revoked).Bind(3, (long)s.limit).ExecuteNonQuery()
                ),
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

    private static SqliteCommand Bind(SqliteCommand command, RefreshFamily family) =>
        command
            .Bind(1, family.Id)
            .Bind(2, family.AccountId)
            .Bind(3, family.Epoch)
            .Bind(4, family.Key.ToArray())
            .Bind(5, family.HandleHash)
            .Bind(6, family.CurrentHash)
            .Bind(7, family.PreviousHash)
            .Bind(8, family.RotatedAt)
            .Bind(9, family.CreatedAt)
            .Bind(10, family.IdleExpiresAt)
            .Bind(11, family.ExpiresAt)
            .Bind(12, family.RevokedAt);

    private static RefreshFamily? One(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? new RefreshFamily(
                reader.GetGuidBlob(0),
                reader.GetGuidBlob(1),
                reader.GetInt64(2),
                new KeyId(reader.GetBlob(3)),
                reader.GetBlob(4),
                reader.GetBlob(5),
                reader.GetBlobOrNull(6),
                reader.GetTimestampOrNull(7),
                reader.GetTimestamp(8),
                reader.GetTimestamp(9),
                reader.GetTimestamp(10),
                reader.GetTimestampOrNull(11)
            )
            : null;
    }
}
