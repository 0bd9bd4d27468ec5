using Autom8.Security.Encryption;
using Autom8.Storage;
using Microsoft.Data.Sqlite;

namespace Autom8.Contacts.Storage.Sqlite;

/// <summary>Contacts in a SQLite file. Reads run on the caller's thread over pooled connections; writes queue for the file's one writer.</summary>
internal sealed partial class SqliteContactStore : IContactStore
{
    private const string Columns =
        "c.id, c.name, c.phone_encrypted, c.email_encrypted, c.details_encrypted, c.created_at, c.updated_at, c.version";

    private readonly SqliteDatabase _database;
    private readonly string _insert;
    private readonly string _insertLookup;
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

    public SqliteContactStore(SqliteDatabase database)
    {
        _database = database;
        var contact = database.TablePrefix + "contact";
        var lookup = contact + "_lookup";
        _insert = $"""
            insert into {contact} (id, name, phone_encrypted, email_encrypted, details_encrypted, created_at, updated_at, version)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """;
        _insertLookup = $"insert into {lookup} (contact_id, kind, value, key_tag, normalizer_version) values (?1, ?2, ?3, ?4, ?5)";
        _select = $"select {Columns} from {contact} c where c.id = ?1 and c.deleted_at is null";
        _update = $"""
            update {contact} set name = ?2, phone_encrypted = ?3, email_encrypted = ?4, details_encrypted = ?5, updated_at = ?6, version = ?7
            where id = ?1 and version = ?8 and deleted_at is null
            """;
        _delete = $"""
            update {contact} set name = '', phone_encrypted = null, email_encrypted = null, details_encrypted = null,
                updated_at = ?2, deleted_at = ?2, version = version + 1
            where id = ?1 and deleted_at is null and (?3 is null or version = ?3)
            returning version
            """;
        _deleteLookups = $"delete from {lookup} where contact_id = ?1";
        _version = $"select version from {contact} where id = ?1 and deleted_at is null";
        _list = $"select {Columns} from {contact} c where c.id > ?1 and c.deleted_at is null order by c.id limit ?2";
        _find = $"""
            select {Columns} from {lookup} l join {contact} c on c.id = l.contact_id
            where l.kind = ?1 and l.value = ?2 and l.contact_id > ?3 and c.deleted_at is null
            order by l.contact_id limit ?4
            """;
        _stale = $"""
            select {Columns} from {contact} c
            where c.id > ?1 and c.deleted_at is null and (
                substr(c.phone_encrypted, 2, 1) = x'01' or substr(c.email_encrypted, 2, 1) = x'01' or substr(c.details_encrypted, 2, 1) = x'01'
                or exists (select 1 from {lookup} l where l.contact_id = c.id and (l.key_tag is not ?2 or l.normalizer_version < ?3)))
            order by c.id limit ?4
            """;
        _rewrite = $"""
            update {contact} set phone_encrypted = ?2, email_encrypted = ?3, details_encrypted = ?4, name = ?6
            where id = ?1 and version = ?5 and deleted_at is null
            """;
        _countFieldKeys = $"""
            select key, count(distinct id) from (
                select id, substr(phone_encrypted, 3, 16) as key from {contact} where substr(phone_encrypted, 2, 1) = x'01'
                union all select id, substr(email_encrypted, 3, 16) from {contact} where substr(email_encrypted, 2, 1) = x'01'
                union all select id, substr(details_encrypted, 3, 16) from {contact} where substr(details_encrypted, 2, 1) = x'01')
            where length(key) = 16 group by key
            """;
        _countIndexKeys = $"select key_tag, count(*) from {lookup} group by key_tag";
        _measure = $"""
            select kind, sum(rows), count(*), max(rows) from (select kind, count(*) as rows from {lookup} group by kind, value) group by kind
            """;
    }

    public async ValueTask AddManyAsync(IReadOnlyList<ContactRow> contacts, ContactWriteHook hook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(contacts);
        ArgumentNullException.ThrowIfNull(hook);
        await _database
            .WriteAsync(
                (Store: this, contacts, hook),
                static async (session, s, ct) =>
                {
                    foreach (var contact in s.contacts)
                    {
                        s.Store.Insert(session, contact);
                    }

                    await s.hook(session.Transaction!, ct).ConfigureAwait(false);
                    return s.contacts.Count;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public ValueTask<StoredContact?> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            _database.Read(
                (_select, id),
                static (session, s) =>
                {
                    using var reader = session.Command(s._select).Bind(1, s.id).ExecuteReader();
                    return reader.Read() ? Row(reader) : null;
                }
            )
        );
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
            static async (session, s, ct) =>
            {
                var row = s.contact.Row;
                var updated = session
                    .Command(s.Store._update)
                    .Bind(1, row.Id)
                    .Bind(2, row.Name)
                    .Bind(3, row.PhoneEncrypted?.ToArray())
                    .Bind(4, row.EmailEncrypted?.ToArray())
                    .Bind(5, row.DetailsEncrypted?.ToArray())
                    .Bind(6, row.UpdatedAt)
                    .Bind(7, row.Version)
                    .Bind(8, s.expectedVersion)
                    .ExecuteNonQuery();
                if (updated == 0)
                {
                    return s.Store.Refused(session, row.Id);
                }

                session.Command(s.Store._deleteLookups).Bind(1, row.Id).ExecuteNonQuery();
                s.Store.InsertLookups(session, s.contact);
                await s.hook(session.Transaction!, ct).ConfigureAwait(false);
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
            static async (session, s, ct) =>
            {
                var version = session
                    .Command(s.Store._delete)
                    .Bind(1, s.id)
                    .Bind(2, s.deletedAt)
                    .Bind(3, s.expectedVersion)
                    .ExecuteScalar();
                if (version is null)
                {
                    return s.Store.Refused(session, s.id);
                }

                session.Command(s.Store._deleteLookups).Bind(1, s.id).ExecuteNonQuery();
                await s.hook(session.Transaction!, ct).ConfigureAwait(false);
                return new ContactWriteResult(ContactWriteStatus.Written, (long)version);
            },
            cancellationToken
        );
    }

    public ValueTask<IReadOnlyList<StoredContact>> ListAsync(Guid? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredContact>>(
            _database.Read(
                (_list, after, limit),
                static (session, s) =>
                    // No id is less than or equal to the empty one.
                    Rows(session.Command(s._list).Bind(1, s.after ?? Guid.Empty).Bind(2, s.limit), s.limit)
            )
        );
    }

    public ValueTask<IReadOnlyList<StoredContact>> FindAsync(
        ContactLookupKind kind,
        IReadOnlyList<byte[]> candidates,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<StoredContact>>(
            _database.Read(
                (_find, kind, candidates, after, limit),
                static (session, s) =>
                {
                    // One candidate but for the time of a key rotation; the first `limit` of the union are among the first `limit` of each.
                    var found = new SortedDictionary<Guid, StoredContact>();
                    foreach (var candidate in s.candidates)
                    {
                        var command = session
                            .Command(s._find)
                            .Bind(1, (long)s.kind)
                            .Bind(2, candidate)
                            .Bind(3, s.after ?? Guid.Empty)
                            .Bind(4, s.limit);
                        foreach (var row in Rows(command, capacity: 4))
                        {
                            found.TryAdd(row.Id, row);
                        }
                    }

                    return found.Values.Take(s.limit).ToArray();
                }
            )
        );
    }

    private void Insert(SqliteSession session, ContactRow contact)
    {
        var row = contact.Row;
        session
            .Command(_insert)
            .Bind(1, row.Id)
            .Bind(2, row.Name)
            .Bind(3, row.PhoneEncrypted?.ToArray())
            .Bind(4, row.EmailEncrypted?.ToArray())
            .Bind(5, row.DetailsEncrypted?.ToArray())
            .Bind(6, row.CreatedAt)
            .Bind(7, row.UpdatedAt)
            .Bind(8, row.Version)
            .ExecuteNonQuery();
        InsertLookups(session, contact);
    }

    private void InsertLookups(SqliteSession session, ContactRow contact)
    {
        foreach (var lookup in contact.Lookups)
        {
            session
                .Command(_insertLookup)
                .Bind(1, contact.Row.Id)
                .Bind(2, (long)lookup.Kind)
                .Bind(3, lookup.Value.ToArray())
                .Bind(4, (long?)lookup.KeyTag)
                .Bind(5, (long)lookup.NormalizerVersion)
                .ExecuteNonQuery();
        }
    }

    private ContactWriteResult Refused(SqliteSession session, Guid id) =>
        session.Command(_version).Bind(1, id).ExecuteScalar() is long version
            ? new ContactWriteResult(ContactWriteStatus.VersionConflict, version)
            : new ContactWriteResult(ContactWriteStatus.NotFound, 0);

    private static List<StoredContact> Rows(SqliteCommand command, int capacity)
    {
        var rows = new List<StoredContact>(capacity);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(Row(reader));
        }

        return rows;
    }

    private static StoredContact Row(SqliteDataReader reader) =>
        new()
        {
            Id = reader.GetGuidBlob(0),
            Name = reader.GetString(1),
            PhoneEncrypted = Field(reader, 2),
            EmailEncrypted = Field(reader, 3),
            DetailsEncrypted = Field(reader, 4),
            CreatedAt = reader.GetTimestamp(5),
            UpdatedAt = reader.GetTimestamp(6),
            Version = reader.GetInt64(7),
        };

    private static EncryptedField? Field(SqliteDataReader reader, int ordinal) =>
        reader.GetBlobOrNull(ordinal) is { } bytes ? new EncryptedField(bytes) : null;
}
