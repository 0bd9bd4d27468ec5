using System.Data.Common;
using Autom8.Security.Keys;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Security.Encryption;

/// <summary>Subject keys in a SQLite file. What a tombstone overwrites is gone from the file as well: <c>secure_delete</c> is on.</summary>
internal sealed class SqliteSubjectKeyStore(SqliteDatabase database) : ISubjectKeyStore
{
    private const string Columns = "subject_id, wrapped, key_id, commitment, created_at, shredded_at";

    // Few shapes of the statement, so that they stay prepared; a shorter list is filled up with its last subject.
    private static readonly int[] Shapes = [1, 8, 64];

    private readonly string[] read =
    [
        .. Shapes.Select(count =>
            $"select {Columns} from {database.TablePrefix}subject_key where subject_id in ({string.Join(',', Enumerable.Range(1, count).Select(i => $"?{i}"))})"
        ),
    ];

    private readonly string add =
        $"insert into {database.TablePrefix}subject_key ({Columns}) values (?1, ?2, ?3, ?4, ?5, null) on conflict (subject_id) do nothing";

    private readonly string exists =
        $"select exists (select 1 from {database.TablePrefix}subject_key where subject_id = ?1 and shredded_at is null)";

    private readonly string shred = $"""
        insert into {database.TablePrefix}subject_key ({Columns}) values (?1, null, null, null, ?2, ?2)
        on conflict (subject_id) do update set wrapped = null, key_id = null, commitment = null, shredded_at = excluded.shredded_at
        where shredded_at is null
        """;

    private readonly string stale =
        $"select {Columns} from {database.TablePrefix}subject_key where subject_id > ?1 and key_id <> ?2 order by subject_id limit ?3";

    private readonly string rewrap =
        $"update {database.TablePrefix}subject_key set wrapped = ?3, key_id = ?4 where subject_id = ?1 and wrapped = ?2";

    private readonly string count =
        $"select key_id, count(*) from {database.TablePrefix}subject_key where key_id is not null group by key_id";

    public ValueTask<IReadOnlyList<StoredSubjectKey>> ReadAsync(IReadOnlyList<Guid> subjects, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredSubjectKey>>(
            database.Read((read, subjects), static (session, s) => Read(session, s.read, s.subjects))
        );
    }

    public ValueTask<IReadOnlyList<StoredSubjectKey>> LockAsync(
        IReadOnlyList<Guid> subjects,
        DbTransaction transaction,
        CancellationToken cancellationToken
    ) =>
        // The file has one writer, and this is its transaction.
        ValueTask.FromResult<IReadOnlyList<StoredSubjectKey>>(Read(SqliteSession.Of(transaction), read, subjects));

    public ValueTask<int> AddAsync(IReadOnlyList<StoredSubjectKey> keys, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var session = SqliteSession.Of(transaction);
        var added = 0;
        foreach (var key in keys)
        {
            added += session
                .Command(add)
                .Bind(1, key.Subject)
                .Bind(2, key.Wrapped)
                .Bind(3, key.WrappedBy.ToArray())
                .Bind(4, key.Commitment)
                .Bind(5, key.CreatedAt)
                .ExecuteNonQuery();
        }

        return ValueTask.FromResult(added);
    }

    public ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, DbTransaction transaction, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Shred(SqliteSession.Of(transaction), subject, at));

    public ValueTask<bool> ShredAsync(Guid subject, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (Store: this, subject, at),
            static (session, s, _) => ValueTask.FromResult(s.Store.Shred(session, s.subject, s.at)),
            cancellationToken
        );

    public ValueTask<IReadOnlyList<StoredSubjectKey>> ListStaleAsync(
        KeyId active,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredSubjectKey>>(
            database.Read(
                (stale, active, after, limit),
                static (session, s) =>
                    Rows(session.Command(s.stale).Bind(1, s.after ?? Guid.Empty).Bind(2, s.active.ToArray()).Bind(3, (long)s.limit), [])
            )
        );
    }

    public ValueTask<int> RewrapAsync(
        IReadOnlyList<(StoredSubjectKey Before, StoredSubjectKey After)> keys,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync(
            (rewrap, keys),
            static (session, s, _) =>
            {
                var replaced = 0;
                foreach (var (before, after) in s.keys)
                {
                    replaced += session
                        .Command(s.rewrap)
                        .Bind(1, before.Subject)
                        .Bind(2, before.Wrapped)
                        .Bind(3, after.Wrapped)
                        .Bind(4, after.WrappedBy.ToArray())
                        .ExecuteNonQuery();
                }

                return ValueTask.FromResult(replaced);
            },
            cancellationToken
        );

    public ValueTask<IReadOnlyList<(KeyId Key, long Rows)>> CountAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<(KeyId, long)>>(
            database.Read(
                count,
                static (session, sql) =>
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

    private bool Shred(SqliteSession session, Guid subject, DateTimeOffset at)
    {
        var existed = (long)session.Command(exists).Bind(1, subject).ExecuteScalar()! != 0;
        session.Command(shred).Bind(1, subject).Bind(2, at).ExecuteNonQuery();
        return existed;
    }

    private static List<StoredSubjectKey> Read(SqliteSession session, string[] statements, IReadOnlyList<Guid> subjects)
    {
        var rows = new List<StoredSubjectKey>(subjects.Count);
        for (var next = 0; next < subjects.Count; )
        {
            var left = subjects.Count - next;
            var shape =
                left == 1 ? 0
                : left <= Shapes[1] ? 1
                : 2;
            var command = session.Command(statements[shape]);
            for (var i = 0; i < Shapes[shape]; i++)
            {
                command.Bind(i + 1, subjects[Math.Min(next + i, subjects.Count - 1)]);
            }

            Rows(command, rows);
            next += Shapes[shape];
        }

        return rows;
    }

    private static List<StoredSubjectKey> Rows(SqliteCommand command, List<StoredSubjectKey> rows)
    {
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(
                new StoredSubjectKey(
                    reader.GetGuidBlob(0),
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
