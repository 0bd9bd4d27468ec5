using Autom8.Security.Keys;
using Autom8.Storage;

namespace Autom8.Contacts.Storage.Sqlite;

// What a rotation of keys, or a new version of the normaliser, needs.
internal sealed partial class SqliteContactStore
{
    public ValueTask<IReadOnlyList<StoredContact>> ListStaleAsync(
        int keyTag,
        int normalizerVersion,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredContact>>(
            _database.Read(
                (_stale, keyTag, normalizerVersion, after, limit),
                static (session, s) =>
                    Rows(
                        session
                            .Command(s._stale)
                            .Bind(1, s.after ?? Guid.Empty)
                            .Bind(2, (long)s.keyTag)
                            .Bind(3, (long)s.normalizerVersion)
                            .Bind(4, (long)s.limit),
                        s.limit
                    )
            )
        );
    }

    public ValueTask<int> RewriteAsync(IReadOnlyList<ContactRow> contacts, ContactRewriteHook hook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        ArgumentNullException.ThrowIfNull(hook);
        return _database.WriteAsync(
            (Store: this, contacts, hook),
            static async (session, s, ct) =>
            {
                var rewritten = 0;
                foreach (var contact in s.contacts)
                {
                    var row = contact.Row;
                    var updated = session
                        .Command(s.Store._rewrite)
                        .Bind(1, row.Id)
                        .Bind(2, row.PhoneEncrypted?.ToArray())
                        .Bind(3, row.EmailEncrypted?.ToArray())
                        .Bind(4, row.DetailsEncrypted?.ToArray())
                        .Bind(5, row.Version)
                        .Bind(6, row.Name)
                        .ExecuteNonQuery();
                    if (updated == 0)
                    {
                        continue;
                    }

                    session.Command(s.Store._deleteLookups).Bind(1, row.Id).ExecuteNonQuery();
                    s.Store.InsertLookups(session, contact);
                    await s.hook(row.Id, session.Transaction!, ct).ConfigureAwait(false);
                    rewritten++;
                }

                return rewritten;
            },
            cancellationToken
        );
    }

    public ValueTask<ContactKeyCounts> CountKeysAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            _database.Read(
                this,
                static (session, store) =>
                {
                    var fieldKeys = new Dictionary<KeyId, long>();
                    using (var reader = session.Command(store._countFieldKeys).ExecuteReader())
                    {
                        while (reader.Read())
                        {
                            fieldKeys.Add(new KeyId(reader.GetBlob(0)), reader.GetInt64(1));
                        }
                    }

                    var tags = new List<(int?, long)>();
                    using (var reader = session.Command(store._countIndexKeys).ExecuteReader())
                    {
                        while (reader.Read())
                        {
                            tags.Add((reader.IsDBNull(0) ? null : reader.GetInt32(0), reader.GetInt64(1)));
                        }
                    }

                    return new ContactKeyCounts(fieldKeys, tags);
                }
            )
        );
    }

    public ValueTask<IReadOnlyList<ContactLookupMeasure>> MeasureLookupsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<ContactLookupMeasure>>(
            _database.Read(
                _measure,
                static (session, sql) =>
                {
                    var measures = new List<ContactLookupMeasure>();
                    using var reader = session.Command(sql).ExecuteReader();
                    while (reader.Read())
                    {
                        measures.Add(
                            new ContactLookupMeasure(
                                (ContactLookupKind)reader.GetInt32(0),
                                reader.GetInt64(1),
                                reader.GetInt64(2),
                                reader.GetInt64(3)
                            )
                        );
                    }

                    return measures;
                }
            )
        );
    }
}
