using Autom8.Security.Keys;
using Autom8.Storage;

namespace Autom8.Contacts.Storage.PostgreSql;

// What a rotation of keys, or a new version of the normaliser, needs.
internal sealed partial class PostgreSqlContactStore
{
    public async ValueTask<IReadOnlyList<StoredContact>> ListStaleAsync(
        int keyTag,
        int normalizerVersion,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = Command(_stale, connection).Bind(after ?? Guid.Empty).Bind(keyTag).Bind(normalizerVersion).Bind(limit);
        await using var __ = command.ConfigureAwait(false);
        return await RowsAsync(command, limit, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<int> RewriteAsync(IReadOnlyList<ContactRow> contacts, ContactRewriteHook hook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        ArgumentNullException.ThrowIfNull(hook);
        return _database.WriteAsync(
            (Store: this, contacts, hook),
            static async (transaction, s, ct) =>
            {
                var rewritten = 0;
                foreach (var contact in s.contacts)
                {
                    var row = contact.Row;
                    var update = Command(s.Store._rewrite, transaction)
                        .Bind(row.Id)
                        .Bind(row.PhoneEncrypted?.ToArray())
                        .Bind(row.EmailEncrypted?.ToArray())
                        .Bind(row.DetailsEncrypted?.ToArray())
                        .Bind(row.Version)
                        .Bind(row.Name);
                    await using var _ = update.ConfigureAwait(false);
                    if (await update.ExecuteNonQueryAsync(ct).ConfigureAwait(false) == 0)
                    {
                        continue;
                    }

                    await s.Store.DeleteLookupsAsync(transaction, row.Id, ct).ConfigureAwait(false);
                    await s.Store.InsertLookupsAsync(transaction, [contact], ct).ConfigureAwait(false);
                    await s.hook(row.Id, transaction, ct).ConfigureAwait(false);
                    rewritten++;
                }

                return rewritten;
            },
            cancellationToken
        );
    }

    public async ValueTask<ContactKeyCounts> CountKeysAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var fieldKeys = new Dictionary<KeyId, long>();
        var fields = Command(_countFieldKeys, connection);
        await using (fields.ConfigureAwait(false))
        {
            var reader = await fields.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                fieldKeys.Add(new KeyId(reader.GetFieldValue<byte[]>(0)), reader.GetInt64(1));
            }
        }

        var tags = new List<(int?, long)>();
        var indexes = Command(_countIndexKeys, connection);
        await using (indexes.ConfigureAwait(false))
        {
            var reader = await indexes.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = reader.ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                tags.Add((reader.IsDBNull(0) ? null : reader.GetInt32(0), reader.GetInt64(1)));
            }
        }

        return new ContactKeyCounts(fieldKeys, tags);
    }

    public async ValueTask<IReadOnlyList<ContactLookupMeasure>> MeasureLookupsAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = Command(_measure, connection);
        await using var __ = command.ConfigureAwait(false);
        var measures = new List<ContactLookupMeasure>();
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            measures.Add(
                new ContactLookupMeasure((ContactLookupKind)reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3))
            );
        }

        return measures;
    }
}
