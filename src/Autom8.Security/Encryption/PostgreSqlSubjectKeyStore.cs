using System.Data.Common;
using Autom8.Security.Keys;
using Autom8.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Autom8.Security.Encryption;

/// <summary>Subject keys in a PostgreSQL database; lists travel as arrays. What a tombstone overwrites stays in the table's pages until the next vacuum.</summary>
internal sealed class PostgreSqlSubjectKeyStore(PostgreSqlDatabase database) : ISubjectKeyStore
{
    private const string Columns = "subject_id, wrapped, key_id, commitment, created_at, shredded_at";

    private readonly string read = $"select {Columns} from {database.TablePrefix}subject_key where subject_id = any($1)";

    // Share: a shredding or a re-wrapping has to wait. In one order, so that two who lock never wait for each other.
    private readonly string @lock =
        $"select {Columns} from {database.TablePrefix}subject_key where subject_id = any($1) order by subject_id for share";

    private readonly string add = $"""
        insert into {database.TablePrefix}subject_key (subject_id, wrapped, key_id, commitment, created_at)
        select * from unnest($1, $2, $3, $4, $5) on conflict (subject_id) do nothing
        """;

    // The old row is seen as it was before the statement, and locked by it.
    private readonly string shred = $"""
        with old as (select 1 from {database.TablePrefix}subject_key where subject_id = $1 and shredded_at is null for update),
        new as (
            insert into {database.TablePrefix}subject_key as k (subject_id, created_at, shredded_at) values ($1, $2, $2)
            on conflict (subject_id) do update set wrapped = null, key_id = null, commitment = null, shredded_at = excluded.shredded_at
            where k.shredded_at is null
        )
        select exists (select 1 from old)
        """;

    private readonly string stale =
        $"select {Columns} from {database.TablePrefix}subject_key where subject_id > $1 and key_id <> $2 order by subject_id limit $3";

    private readonly string rewrap = $"""
        update {database.TablePrefix}subject_key k set wrapped = n.after, key_id = n.key_id
        from (
            select k.subject_id, n.before, n.after, n.key_id
            from unnest($1, $2, $3, $4) as n (subject_id, before, after, key_id)
            join {database.TablePrefix}subject_key k on k.subject_id = n.subject_id
            order by k.subject_id for update of k
        ) n
        where k.subject_id = n.subject_id and k.wrapped = n.before
        """;

    private readonly string count =
        $"select key_id, count(*) from {database.TablePrefix}subject_key where key_id is not null group by key_id";

    public async ValueTask<IReadOnlyList<StoredSubjectKey>> ReadAsync(IReadOnlyList<Guid> subjects, CancellationToken cancellationToken)
    {
        var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await RowsAsync(new NpgsqlCommand(read, connection).Bind([.. subjects]), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<StoredSubjectKey>> LockAsync(
        IReadOnlyList<Guid> subjects,
        DbTransaction transaction,
        CancellationToken cancellationToken
    ) => await RowsAsync(Command(transaction, @lock).Bind([.. subjects]), cancellationToken).ConfigureAwait(false);

    public async ValueTask<int> AddAsync(
        IReadOnlyList<StoredSubjectKey> keys,
        DbTransaction transaction,
        CancellationToken cancellationToken
    )
    {
        var command = Command(transaction, add);
        await using var _ = command.ConfigureAwait(false);
        command.Bind([.. keys.Select(key => key.Subject)]);
        command.Bind([.. keys.Select(key => key.Wrapped!)]);
        command.Bind([.. keys.Select(key => key.WrappedBy.ToArray())]);
        command.Bind([.. keys.Select(key => key.Commitment!)]);
        command.Parameters.Add(
            new NpgsqlParameter<DateTime[]>
            {
                TypedValue = [.. keys.Select(key => key.CreatedAt.UtcDateTime)],
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            }
        );
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var command = Command(transaction, shred).Bind(subject).Bind(at);
        await using var _ = command.ConfigureAwait(false);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    public ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (Store: this, subject, at),
            static (transaction, s, ct) => s.Store.ShredAsync(s.subject, s.at, transaction, ct),
            cancellationToken
        );

    public async ValueTask<IReadOnlyList<StoredSubjectKey>> ListStaleAsync(
        KeyId active,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(stale, connection).Bind(after ?? Guid.Empty).Bind(active.ToArray()).Bind(limit);
        return await RowsAsync(command, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<int> RewrapAsync(
        IReadOnlyList<(StoredSubjectKey Before, StoredSubjectKey After)> keys,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            (rewrap, keys),
            static async (transaction, s, ct) =>
            {
                var command = Command(transaction, s.rewrap);
                await using var _ = command.ConfigureAwait(false);
                command.Bind([.. s.keys.Select(key => key.Before.Subject)]);
                command.Bind([.. s.keys.Select(key => key.Before.Wrapped!)]);
                command.Bind([.. s.keys.Select(key => key.After.Wrapped!)]);
                command.Bind([.. s.keys.Select(key => key.After.WrappedBy.ToArray())]);
                return await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
            },
            cancellationToken
        );

    public async ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = new NpgsqlCommand(count, connection);
        await using var __ = command.ConfigureAwait(false);
        var counts = new List<(KeyId, long)>();
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            counts.Add((new KeyId(reader.GetFieldValue<byte[]>(0)), reader.GetInt64(1)));
        }

        return counts;
    }

    private static NpgsqlCommand Command(DbTransaction transaction, string sql) =>
        transaction is NpgsqlTransaction { Connection: { } connection } npgsql
            ? new NpgsqlCommand(sql, connection, npgsql)
            : throw new ArgumentException("An open PostgreSQL transaction is needed.", nameof(transaction));

    private static async ValueTask<IReadOnlyList<StoredSubjectKey>> RowsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        var rows = new List<StoredSubjectKey>();
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(
                new StoredSubjectKey(
                    reader.GetGuid(0),
                    reader.GetBlobOrNull(1),
                    reader.GetBlobOrNull(2) is { } id ? new KeyId(id) : default,
                    reader.GetBlobOrNull(3),
                    reader.GetTimestamp(4),
                    reader.GetTimestampOrNull(5)
                )
            );
        }

        return rows;
    }
}
