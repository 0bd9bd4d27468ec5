using Autom8.Contacts.Auditing;
using Autom8.Contacts.Caching;
using Autom8.Contacts.Encryption;
using Autom8.Contacts.Paging;
using Autom8.Contacts.Storage;
using Autom8.Contacts.Validation;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Storage;

namespace Autom8.Contacts;

/// <summary>
/// The contact book: creates, reads, changes, deletes, lists and finds contacts, whose phones, e-mail addresses and details are encrypted before they leave this class.
/// </summary>
/// <remarks>
/// <para>A singleton, safe for use by any number of threads. A write is atomic with its entry in the audit log and durable when its task completes;
/// a read of the same node sees every write that had completed when it began.</para>
/// <para>A row that is damaged, or whose key is missing, is a <see cref="FieldProtectionException"/> that names the row: never an empty or a half contact. A page that
/// holds such a row fails as a whole; the row can still be deleted.</para>
/// </remarks>
public sealed class ContactBook
{
    /// <summary>How many contacts one call may create.</summary>
    public const int MaxBatch = 1_000;

    private const int MaxAttempts = 5;

    private readonly IContactStore _store;
    private readonly ContactSealer _sealer;
    private readonly ContactOpener _opener;
    private readonly ISubjectKeys _keys;
    private readonly ContactCursor _cursor;
    private readonly ContactValidator _validator;
    private readonly ContactRowCache _cache;
    private readonly IAuditLog _audit;
    private readonly ContactsOptions _options;
    private readonly TimeProvider _time;
    private readonly IdSequence _ids;

    internal ContactBook(
        IContactStore store,
        ContactSealer sealer,
        ISubjectKeys keys,
        ContactCursor cursor,
        ContactValidator validator,
        ContactRowCache cache,
        IAuditLog audit,
        ContactsOptions options,
        TimeProvider time
    )
    {
        _store = store;
        _sealer = sealer;
        _keys = keys;
        _opener = new ContactOpener(keys, sealer);
        _cursor = cursor;
        _validator = validator;
        _cache = cache;
        _audit = audit;
        _options = options;
        _time = time;
        _ids = new IdSequence(time);
    }

    internal ContactValidator Validator => _validator;

    internal ContactsOptions Options => _options;

    /// <summary>Creates a contact.</summary>
    /// <exception cref="ContactValidationException">The draft cannot be accepted.</exception>
    public async ValueTask<Contact> CreateAsync(ContactDraft draft, AuditActor actor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var contacts = await AddAsync([_validator.Check(draft)], actor, cancellationToken).ConfigureAwait(false);
        return contacts[0];
    }

    /// <summary>Creates contacts in one transaction: all of them or none.</summary>
    /// <param name="drafts">At most <see cref="MaxBatch"/>.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The contacts in the order of the drafts.</returns>
    /// <exception cref="ContactValidationException">A draft cannot be accepted; fields are named like <c>[3].emails[0].value</c>.</exception>
    public async ValueTask<IReadOnlyList<Contact>> CreateManyAsync(
        IReadOnlyList<ContactDraft> drafts,
        AuditActor actor,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(drafts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(drafts.Count, MaxBatch, nameof(drafts));
        var problems = new List<ContactProblem>();
        var contacts = new List<ValidContact>(drafts.Count);
        for (var i = 0; i < drafts.Count; i++)
        {
            if (_validator.TryCheck(drafts[i], $"[{i}].", problems, out var contact))
            {
                contacts.Add(contact);
            }
        }

        return problems.Count > 0
            ? throw new ContactValidationException(problems)
            : await AddAsync(contacts, actor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a contact, from the cache where it is there.</summary>
    /// <exception cref="ContactNotFoundException">There is none with this id, or it was deleted.</exception>
    /// <exception cref="FieldProtectionException">The row is damaged or its key is missing.</exception>
    public async ValueTask<Contact> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var row = await _cache.GetAsync(id, cancellationToken).ConfigureAwait(false);
        return (await _opener.OpenAsync(row, cancellationToken).ConfigureAwait(false) ?? throw new ContactNotFoundException(id)).Contact;
    }

    /// <summary>Replaces what a caller may set of a contact. A draft that changes nothing writes nothing and keeps the version.</summary>
    /// <param name="id">The contact.</param>
    /// <param name="draft">All of it: what is left out is emptied.</param>
    /// <param name="expectedVersion">The version that the change was made on.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The contact as it is now.</returns>
    /// <exception cref="ContactValidationException">The draft cannot be accepted.</exception>
    /// <exception cref="ContactNotFoundException">There is none with this id, or it was deleted.</exception>
    /// <exception cref="ContactVersionConflictException">It was changed meanwhile.</exception>
    /// <exception cref="FieldProtectionException">The row is damaged or its key is missing.</exception>
    public async ValueTask<Contact> UpdateAsync(
        Guid id,
        ContactDraft draft,
        long expectedVersion,
        AuditActor actor,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(draft);
        var contact = _validator.Check(draft);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await UpdateAsync(id, contact, expectedVersion, actor, cancellationToken).ConfigureAwait(false);
            }
            catch (SubjectKeyException erased) when (erased.Failure == SubjectKeyFailure.Shredded)
            {
                throw new ContactNotFoundException(id);
            }
            catch (SubjectKeyException conflict) when (conflict.Failure == SubjectKeyFailure.Conflict && attempt < MaxAttempts)
            {
                // The first key of a contact that had none was just made by another node: nothing was written.
            }
        }
    }

    private async ValueTask<Contact> UpdateAsync(
        Guid id,
        ValidContact contact,
        long expectedVersion,
        AuditActor actor,
        CancellationToken cancellationToken
    )
    {
        var stored = await _store.GetAsync(id, cancellationToken).ConfigureAwait(false) ?? throw new ContactNotFoundException(id);
        if (stored.Version != expectedVersion)
        {
            throw new ContactVersionConflictException(id, expectedVersion, stored.Version);
        }

        using var lease = await _keys.ReadOrCreateAsync(new[] { id }, cancellationToken).ConfigureAwait(false);
        var before = (
            await _opener.OpenAsync(stored, cancellationToken).ConfigureAwait(false) ?? throw new ContactNotFoundException(id)
        ).Contact;
        string[] fields = [.. contact.FieldsChanged(before)];
        if (fields.Length == 0)
        {
            return before;
        }

        var row = Seal(id, contact, before.CreatedAt, _time.GetUtcTimestamp(), expectedVersion + 1);
        var entry = ContactAudit.Updated(id, fields, actor);
        var change = await _cache.BeginChangeAsync(id, cancellationToken).ConfigureAwait(false);
        try
        {
            // The version is checked again by the statement itself: the fields are those that changed between just these two versions.
            var result = await _store
                .UpdateAsync(
                    row,
                    expectedVersion,
                    async (transaction, ct) =>
                    {
                        await lease.SaveAsync(transaction, ct).ConfigureAwait(false);
                        await _audit.AppendAsync(entry, transaction, ct).ConfigureAwait(false);
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            ThrowUnlessWritten(result, id, expectedVersion);
        }
        finally
        {
            await change.EndAsync().ConfigureAwait(false);
        }

        ContactsMeter.Updated();
        return contact.ToContact(row.Row);
    }

    /// <summary>Deletes a contact: a tombstone without anything personal stays, and the contact's key is destroyed, so that older copies of its row cannot be read either.</summary>
    /// <param name="id">The contact.</param>
    /// <param name="expectedVersion">The version to delete, or null for whichever there is.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContactNotFoundException">There is none with this id, or it was deleted already.</exception>
    /// <exception cref="ContactVersionConflictException">It was changed meanwhile.</exception>
    public async ValueTask DeleteAsync(Guid id, long? expectedVersion, AuditActor actor, CancellationToken cancellationToken = default)
    {
        var entry = ContactAudit.Deleted(id, actor);
        var change = await _cache.BeginChangeAsync(id, cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await _store
                .DeleteAsync(
                    id,
                    expectedVersion,
                    _time.GetUtcTimestamp(),
                    async (transaction, ct) =>
                    {
                        await _keys.ShredAsync(id, transaction, ct).ConfigureAwait(false);
                        await _audit.AppendAsync(entry, transaction, ct).ConfigureAwait(false);
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            ThrowUnlessWritten(result, id, expectedVersion ?? 0);
        }
        finally
        {
            _keys.Forget(id);
            await change.EndAsync().ConfigureAwait(false);
        }

        ContactsMeter.Deleted();
    }

    /// <summary>Lists contacts in the order of their ids: by the time of creation.</summary>
    /// <param name="limit">How many at most, 1 to <see cref="ContactsOptions.MaxPageSize"/>; null for <see cref="ContactsOptions.DefaultPageSize"/>.</param>
    /// <param name="cursor">The next cursor of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContactValidationException">The limit is out of range, or the cursor is not one of this query.</exception>
    /// <exception cref="FieldProtectionException">A row of the page is damaged or its key is missing.</exception>
    public async ValueTask<ContactPage> ListAsync(int? limit = null, string? cursor = null, CancellationToken cancellationToken = default)
    {
        const string Query = "list";
        var size = PageSize(limit);
        // One row more than the page holds tells whether another follows.
        var rows = await _store.ListAsync(After(Query, cursor), size + 1, cancellationToken).ConfigureAwait(false);
        var opened = await _opener.OpenAsync([.. rows.Take(size)], cancellationToken).ConfigureAwait(false);
        return new ContactPage([.. opened.Select(contact => contact.Contact)], Next(Query, rows, size));
    }

    /// <summary>Finds the contacts that have an e-mail address, or bear it as their name, in whatever form it is written.</summary>
    /// <param name="email">The whole address.</param>
    /// <param name="limit">As in <see cref="ListAsync"/>.</param>
    /// <param name="cursor">As in <see cref="ListAsync"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContactValidationException">It is no e-mail address, the limit is out of range, or the cursor is not one of this query.</exception>
    /// <exception cref="FieldProtectionException">A row of the page is damaged or its key is missing.</exception>
    public ValueTask<ContactPage> FindByEmailAsync(
        string email,
        int? limit = null,
        string? cursor = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(email);
        return FindAsync(ContactLookupKind.Email, ContactValidator.NormalizeEmail(email), limit, cursor, cancellationToken);
    }

    /// <summary>Finds the contacts that have a phone number, or bear it as their name, in whatever form it is written.</summary>
    /// <param name="phone">The whole number, in international form or in that of <see cref="ContactsOptions.DefaultRegion"/>.</param>
    /// <param name="limit">As in <see cref="ListAsync"/>.</param>
    /// <param name="cursor">As in <see cref="ListAsync"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContactValidationException">It is no phone number, the limit is out of range, or the cursor is not one of this query.</exception>
    /// <exception cref="FieldProtectionException">A row of the page is damaged or its key is missing.</exception>
    public ValueTask<ContactPage> FindByPhoneAsync(
        string phone,
        int? limit = null,
        string? cursor = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(phone);
        return FindAsync(ContactLookupKind.Phone, _validator.NormalizePhone(phone), limit, cursor, cancellationToken);
    }

    /// <summary>Measures what the blind indexes of e-mail addresses and phone numbers give away to whoever reads the database, and what they cost. Reads the whole index.</summary>
    /// <returns>One report for each, also where nothing is indexed yet.</returns>
    public async ValueTask<IReadOnlyList<BlindIndexReport>> ReportIndexesAsync(CancellationToken cancellationToken = default)
    {
        var measures = await _store.MeasureLookupsAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. Enum.GetValues<ContactLookupKind>()
                .Select(kind =>
                {
                    var (index, measure) = (ContactSealer.Index(kind), measures.FirstOrDefault(measure => measure.Kind == kind));
                    return new BlindIndexReport(
                        $"{index.Table}.{index.Column}",
                        index.Bits,
                        measure.Rows,
                        measure.DistinctValues,
                        measure.LargestBucket
                    );
                }),
        ];
    }

    /// <summary>Adds checked contacts in one transaction with their audit entries.</summary>
    internal async ValueTask<IReadOnlyList<Contact>> AddAsync(
        IReadOnlyList<ValidContact> contacts,
        AuditActor actor,
        CancellationToken cancellationToken
    )
    {
        if (contacts.Count == 0)
        {
            return [];
        }

        var now = _time.GetUtcTimestamp();
        var ids = new Guid[contacts.Count];
        var rows = new ContactRow[contacts.Count];
        var entries = new AuditEntry[contacts.Count];
        foreach (ref var id in ids.AsSpan())
        {
            id = _ids.Next();
        }

        using var lease = _keys.Create(ids);
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = _sealer.Seal(ids[i], contacts[i], now, now, version: 1);
            entries[i] = ContactAudit.Created(ids[i], contacts[i].FieldsSet(), actor);
        }

        await _store
            .AddManyAsync(
                rows,
                async (transaction, ct) =>
                {
                    await lease.SaveAsync(transaction, ct).ConfigureAwait(false);
                    foreach (var entry in entries)
                    {
                        await _audit.AppendAsync(entry, transaction, ct).ConfigureAwait(false);
                    }
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        ContactsMeter.Created(rows.Length);
        return [.. rows.Select((row, i) => contacts[i].ToContact(row.Row))];
    }

    private async ValueTask<ContactPage> FindAsync(
        ContactLookupKind kind,
        string normalized,
        int? limit,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var query = $"{kind}:{normalized}";
        var size = PageSize(limit);
        var candidates = _sealer.Candidates(kind, normalized);
        var rows = await _store.FindAsync(kind, candidates, After(query, cursor), size + 1, cancellationToken).ConfigureAwait(false);
        // A blind index says where to look; only the decrypted value says that it is there.
        var opened = await _opener.OpenAsync([.. rows.Take(size)], cancellationToken).ConfigureAwait(false);
        var found = opened.Where(contact => contact.Bears(kind, normalized)).Select(contact => contact.Contact);
        return new ContactPage([.. found], Next(query, rows, size));
    }

    private ContactRow Seal(Guid id, ValidContact contact, DateTimeOffset createdAt, DateTimeOffset updatedAt, long version)
    {
        try
        {
            return _sealer.Seal(id, contact, createdAt, updatedAt, version);
        }
        catch (FieldProtectionException gone) when (gone.Failure is FieldProtectionFailure.Shredded or FieldProtectionFailure.UnknownKey)
        {
            // The key went between the reading of the row and now, hence with the contact.
            throw new ContactNotFoundException(id);
        }
    }

    private int PageSize(int? limit) =>
        limit is not { } size ? _options.DefaultPageSize
        : size >= 1 && size <= _options.MaxPageSize ? size
        : throw new ContactValidationException("limit", $"must be 1 to {_options.MaxPageSize}.");

    private Guid? After(string query, string? cursor) => cursor is null ? null : _cursor.Read(query, cursor);

    private string? Next(string query, IReadOnlyList<StoredContact> rows, int size) =>
        rows.Count > size ? _cursor.Create(query, rows[size - 1].Id) : null;

    private static void ThrowUnlessWritten(ContactWriteResult result, Guid id, long expectedVersion)
    {
        if (result.Status == ContactWriteStatus.NotFound)
        {
            throw new ContactNotFoundException(id);
        }

        if (result.Status == ContactWriteStatus.VersionConflict)
        {
            throw new ContactVersionConflictException(id, expectedVersion, result.Version);
        }
    }
}
