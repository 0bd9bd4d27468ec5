using Autom8.Security.Encryption;
using Autom8.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Autom8.Contacts.Storage.PostgreSql;

/// <summary>Contacts in a PostgreSQL database. A batch travels as arrays: two statements, however many rows.</summary>
internal sealed partial class PostgreSqlContactStore : IContactStore
{
    private const string Columns =
        "c.id, c.name, c.phone_encrypted, c.email_encrypted, c.details_encrypted, c.created_at, c.updated_at, c.version";

    private readonly PostgreSqlDatabase _database;
    private readonly string _insert;
    private readonly string _insertLookups;
    private readonly string _select;
    private readonly string _update;
    private readonly string _delete;
    private readonly string _deleteLookups;
    private readonly string _version;
    private readonly string _list;
    private readonly string _find;
    private readonly string _stale;
    private readonly string _rewrite;
    private readonly string _countFieldKeys;
    private readonly string _countIndexKeys;
    private readonly string _measure;

    public PostgreSqlContactStore(PostgreSqlDatabase database)
    {
        _database = database;
        var contact = database.TablePrefix + "contact";
        var lookup = contact + "_lookup";
        _insert = $"""
            insert into {contact} (id, name, phone_encrypted, email_encrypted, details_encrypted, created_at, updated_at, version)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        _insertLookups =
            $"insert into {lookup} (contact_id, kind, value, key_tag, normalizer_version) select * from unnest($1, $2, $3, $4, $5)";
        _select = $"select {Columns} from {contact} c where c.id = $1 and c.deleted_at is null";
        _update = $"""
            update {contact} set name = $2, phone_encrypted = $3, email_encrypted = $4, details_encrypted = $5, updated_at = $6, version = $7
            where id = $1 and version = $8 and deleted_at is null
            """;
        _delete = $"""
            update {contact} set name = '', phone_encrypted = null, email_encrypted = null, details_encrypted = null,
                updated_at = $2, deleted_at = $2, version = version + 1
            where id = $1 and deleted_at is null and ($3::bigint is null or version = $3)
            returning version
            """;
        _deleteLookups = $"delete from {lookup} where contact_id = $1";
        _version = $"select version from {contact} where id = $1 and deleted_at is null";
        _list = $"select {Columns} from {contact} c where c.id > $1 and c.deleted_at is null order by c.id limit $2";
        _find = $"""
            select {Columns} from {contact} c
            where c.id > $3 and c.deleted_at is null
                and c.id in (select l.contact_id from {lookup} l where l.kind = $1 and l.value = any($2))
            order by c.id limit $4
            """;
        _stale = $"""
            select {Columns} from {contact} c
            where c.id > $1 and c.deleted_at is null and (
                substring(c.phone_encrypted from 2 for 1) = '\x01' or substring(c.email_encrypted from 2 for 1) = '\x01'
                or substring(c.details_encrypted from 2 for 1) = '\x01'
                or exists (select 1 from {lookup} l where l.contact_id = c.id and (l.key_tag is distinct from $2 or l.normalizer_version < $3)))
            order by c.id limit $4
            """;
        _rewrite = $"""
            update {contact} set phone_encrypted = $2, email_encrypted = $3, details_encrypted = $4, name = $6
            where id = $1 and version = $5 and deleted_at is null
            """;
        _countFieldKeys = $"""
            select key, count(distinct id) from (
                select id, substring(phone_encrypted from 3 for 16) as key from {contact} where substring(phone_encrypted from 2 for 1) = '\x01'
                union all select id, substring(email_encrypted from 3 for 16) from {contact} where substring(email_encrypted from 2 for 1) = '\x01'
                union all select id, substring(details_encrypted from 3 for 16) from {contact} where substring(details_encrypted from 2 for 1) = '\x01') k
            where octet_length(key) = 16 group by key
            """;
        _countIndexKeys = $"select key_tag, count(*) from {lookup} group by key_tag";
        _measure = $"""
            select kind::integer, sum(rows)::bigint, count(*), max(rows)
            from (select kind, count(*) as rows from {lookup} group by kind, value) v group by kind
            """;
    }

    public async ValueTask AddManyAsync(IReadOnlyList<ContactRow> contacts, ContactWriteHook hook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        ArgumentNullException.ThrowIfNull(hook);
        await _database
            .WriteAsync(
                (Store: this, contacts, hook),
                static async (transaction, s, ct) =>
                {
                    await s.Store.InsertAsync(transaction, s.contacts, ct).ConfigureAwait(false);
                    await s.hook(transaction, ct).ConfigureAwait(false);
                    return s.contacts.Count;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public async ValueTask<StoredContact?> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = Command(_select, connection).Bind(id);
        await using var __ = command.ConfigureAwait(false);
        return await RowsAsync(command, capacity: 1, cancellationToken).ConfigureAwait(false) is [var row] ? row : null;
    }

    public ValueTask<ContactWriteResult> UpdateAsync(
        ContactRow contact,
        long expectedVersion,
        ContactWriteHook hook,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(contact);
        ArgumentNullException.ThrowIfNull(hook);
        return _database.WriteAsync(
            (Store: this, contact, expectedVersion, hook),
            static async (transaction, s, ct) =>
            {
                var row = s.contact.Row;
                var update = Command(s.Store._update, transaction)
                    .Bind(row.Id)
                    .Bind(row.Name)
                    .Bind(row.PhoneEncrypted?.ToArray())
                    .Bind(row.EmailEncrypted?.ToArray())
                    .Bind(row.DetailsEncrypted?.ToArray())
                    .Bind(row.UpdatedAt)
                    .Bind(row.Version)
                    .Bind(s.expectedVersion);
                await using var _ = update.ConfigureAwait(false);
                if (await update.ExecuteNonQueryAsync(ct).ConfigureAwait(false) == 0)
                {
                    return await s.Store.RefusedAsync(transaction, row.Id, ct).ConfigureAwait(false);
                }

                await s.Store.DeleteLookupsAsync(transaction, row.Id, ct).ConfigureAwait(false);
                await s.Store.InsertLookupsAsync(transaction, [s.contact], ct).ConfigureAwait(false);
                await s.hook(transaction, ct).ConfigureAwait(false);
                return new ContactWriteResult(ContactWriteStatus.Written, row.Version);
            },
            cancellationToken
        );
    }

    public ValueTask<ContactWriteResult> DeleteAsync(
        Guid id,
        long? expectedVersion,
        DateTimeOffset deletedAt,
        ContactWriteHook hook,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(hook);
        return _database.WriteAsync(
            (Store: this, id, expectedVersion, deletedAt, hook),
            static async (transaction, s, ct) =>
            {
                var delete = Command(s.Store._delete, transaction).Bind(s.id).Bind(s.deletedAt).Bind(s.expectedVersion);
                await using var _ = delete.ConfigureAwait(false);
                if (await delete.ExecuteScalarAsync(ct).ConfigureAwait(false) is not long version)
                {
                    return await s.Store.RefusedAsync(transaction, s.id, ct).ConfigureAwait(false);
                }

                await s.Store.DeleteLookupsAsync(transaction, s.id, ct).ConfigureAwait(false);
                await s.hook(transaction, ct).ConfigureAwait(false);
                return new ContactWriteResult(ContactWriteStatus.Written, version);
            },
            cancellationToken
        );
    }

    public async ValueTask<IReadOnlyList<StoredContact>> ListAsync(Guid? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = Command(_list, connection).Bind(after ?? Guid.Empty).Bind(limit);
        await using var __ = command.ConfigureAwait(false);
        return await RowsAsync(command, limit, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<StoredContact>> FindAsync(
        ContactLookupKind kind,
        IReadOnlyList<byte[]> candidates,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var connection = await _database.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = Command(_find, connection).Bind((int)kind).Bind([.. candidates]).Bind(after ?? Guid.Empty).Bind(limit);
        await using var __ = command.ConfigureAwait(false);
        return await RowsAsync(command, capacity: 4, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask InsertAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<ContactRow> contacts,
        CancellationToken cancellationToken
    )
    {
        var rows = contacts.Select(contact => contact.Row).ToArray();
        var insert = Command(_insert, transaction);
        await using var _ = insert.ConfigureAwait(false);
        AddArray(insert, rows, NpgsqlDbType.Uuid, static row => row.Id);
        AddArray(insert, rows, NpgsqlDbType.Text, static row => row.Name);
        AddArray(insert, rows, NpgsqlDbType.Bytea, static row => row.PhoneEncrypted?.ToArray());
        AddArray(insert, rows, NpgsqlDbType.Bytea, static row => row.EmailEncrypted?.ToArray());
        AddArray(insert, rows, NpgsqlDbType.Bytea, static row => row.DetailsEncrypted?.ToArray());
        AddArray(insert, rows, NpgsqlDbType.TimestampTz, static row => row.CreatedAt.UtcDateTime);
        AddArray(insert, rows, NpgsqlDbType.TimestampTz, static row => row.UpdatedAt.UtcDateTime);
        AddArray(insert, rows, NpgsqlDbType.Bigint, static row => row.Version);
        await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await InsertLookupsAsync(transaction, contacts, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask InsertLookupsAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<ContactRow> contacts,
        CancellationToken cancellationToken
    )
    {
        var lookups = contacts.SelectMany(contact => contact.Lookups, static (contact, lookup) => (contact.Row.Id, lookup)).ToArray();
        if (lookups.Length == 0)
        {
            return;
        }

        var insert = Command(_insertLookups, transaction);
        await using var _ = insert.ConfigureAwait(false);
        AddArray(insert, lookups, NpgsqlDbType.Uuid, static entry => entry.Id);
        AddArray(insert, lookups, NpgsqlDbType.Smallint, static entry => (short)entry.lookup.Kind);
        AddArray(insert, lookups, NpgsqlDbType.Bytea, static entry => entry.lookup.Value.ToArray());
        AddArray(insert, lookups, NpgsqlDbType.Integer, static entry => entry.lookup.KeyTag);
        AddArray(insert, lookups, NpgsqlDbType.Integer, static entry => entry.lookup.NormalizerVersion);
        await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask DeleteLookupsAsync(NpgsqlTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        var delete = Command(_deleteLookups, transaction).Bind(id);
        await using var _ = delete.ConfigureAwait(false);
        await delete.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ContactWriteResult> RefusedAsync(NpgsqlTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        var select = Command(_version, transaction).Bind(id);
        await using var _ = select.ConfigureAwait(false);
        return await select.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is long version
            ? new ContactWriteResult(ContactWriteStatus.VersionConflict, version)
            : new ContactWriteResult(ContactWriteStatus.NotFound, 0);
    }

#pragma warning disable CA2100 // the store's own constants
    private static NpgsqlCommand Command(string sql, NpgsqlConnection connection) => new(sql, connection);

    private static NpgsqlCommand Command(string sql, NpgsqlTransaction transaction) => new(sql, transaction.Connection, transaction);
#pragma warning restore CA2100

    private static void AddArray<TRow, T>(NpgsqlCommand command, TRow[] rows, NpgsqlDbType type, Converter<TRow, T> column) =>
        command.Parameters.Add(
            new NpgsqlParameter<T[]> { TypedValue = Array.ConvertAll(rows, column), NpgsqlDbType = NpgsqlDbType.Array | type }
        );

    private static async ValueTask<List<StoredContact>> RowsAsync(NpgsqlCommand command, int capacity, CancellationToken cancellationToken)
    {
        var rows = new List<StoredContact>(capacity);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(
                new StoredContact
                {
                    Id = reader.GetGuid(0),
                    Name = reader.GetString(1),
                    PhoneEncrypted = Field(reader, 2),
                    EmailEncrypted = Field(reader, 3),
                    DetailsEncrypted = Field(reader, 4),
                    CreatedAt = reader.GetTimestamp(5),
                    UpdatedAt = reader.GetTimestamp(6),
                    Version = reader.GetInt64(7),
                }
            );
        }

        return rows;
    }

    private static EncryptedField? Field(NpgsqlDataReader reader, int ordinal) =>
        reader.GetBlobOrNull(ordinal) is { } bytes ? new EncryptedField(bytes) : null;
}
