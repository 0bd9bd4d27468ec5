using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Autom8.Contacts.Storage;
using Autom8.Contacts.Validation;
using Autom8.Security.Encryption;

namespace Autom8.Contacts.Encryption;

/// <summary>A decrypted contact, and the address that stands in the place of its name, if one does.</summary>
internal readonly record struct OpenedContact(Contact Contact, NameAddress? NameAddress)
{
    /// <summary>Whether the contact truly bears an address: a blind index only says that it should.</summary>
    public bool Bears(ContactLookupKind kind, string normalized) =>
        (NameAddress is { } name && name.Kind == kind && name.Normalized == normalized)
        || (
            kind == ContactLookupKind.Email
                ? Contact.Emails.Any(email => email.Normalized == normalized)
                : Contact.Phones.Any(phone => phone.Normalized == normalized)
        );
}

/// <summary>
/// Turns contacts into rows and back. Each personal column is one ciphertext of JSON, bound to table <c>contact</c>, its column and the row's id, under the key of the
/// contact itself: its callers hold a lease on it.
/// </summary>
/// <remarks>The column names in the contexts are part of the stored format: they outlive a rename of the columns.</remarks>
internal sealed class ContactSealer(IFieldProtector protector, IBlindIndex index)
{
    private const string Table = "contact";
    private const string PhoneColumn = "phone_encrypted";
    private const string EmailColumn = "email_encrypted";
    private const string DetailsColumn = "details_encrypted";
    private static readonly BlindIndexColumn EmailIndex = new(Table, EmailColumn);
    private static readonly BlindIndexColumn PhoneIndex = new(Table, PhoneColumn);

    private const string KindEmail = "email";
    private const string KindPhone = "phone";

    public ContactRow Seal(Guid id, ValidContact contact, DateTimeOffset createdAt, DateTimeOffset updatedAt, long version)
    {
        var row = new StoredContact
        {
            Id = id,
            // A name that is an address must not be readable in the table.
            Name = contact.NameIsAddress ? "" : contact.Name,
            PhoneEncrypted = Seal(contact.Phones.Select(p => new SealedAddress(p.Label, p.Value, p.Normalized!)), PhoneColumn, id),
            EmailEncrypted = Seal(contact.Emails.Select(e => new SealedAddress(e.Label, e.Value, e.Normalized!)), EmailColumn, id),
            DetailsEncrypted = SealDetails(contact, id),
            CreatedAt = createdAt,
            UpdatedAt = updatedAt,
            Version = version,
        };
        return new ContactRow(row, Lookups(contact));
    }

    /// <exception cref="FieldProtectionException">A ciphertext of the row is damaged, moved or made with an unknown key, or the contact was erased.</exception>
    public OpenedContact Open(StoredContact row)
    {
        var details = Open(row.DetailsEncrypted, DetailsColumn, row.Id, ContactJson.Compact.SealedDetails);
        var contact = new Contact
        {
            Id = row.Id,
            Name = details?.Name ?? row.Name,
            Phones =
            [
                .. Addresses(row.PhoneEncrypted, PhoneColumn, row.Id)
                    .Select(a => new ContactPhone(a.Value, a.Label) { Normalized = a.Normalized }),
            ],
            Emails =
            [
                .. Addresses(row.EmailEncrypted, EmailColumn, row.Id)
                    .Select(a => new ContactEmail(a.Value, a.Label) { Normalized = a.Normalized }),
            ],
            Organization = details?.Organization,
            Title = details?.Title,
            Note = details?.Note,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
            Version = row.Version,
        };
        var name = details?.NameNormalized is { } normalized
            ? new NameAddress(details.NameKind == KindEmail ? ContactLookupKind.Email : ContactLookupKind.Phone, normalized)
            : null;
        return new OpenedContact(contact, name);
    }

    /// <summary>The fingerprints under which an address is searched for: one under every live key.</summary>
    public IReadOnlyList<byte[]> Candidates(ContactLookupKind kind, string normalized) => index.Candidates(Index(kind), normalized);

    private ContactLookup[] Lookups(ValidContact contact)
    {
        // Distinct: the same address twice in one contact is one way to find it.
        var addresses = new HashSet<(ContactLookupKind Kind, string Normalized)>();
        foreach (var phone in contact.Phones)
        {
            addresses.Add((ContactLookupKind.Phone, phone.Normalized!));
        }

        foreach (var email in contact.Emails)
        {
            addresses.Add((ContactLookupKind.Email, email.Normalized!));
        }

        if (contact.NameAddress is { } name)
        {
            addresses.Add((name.Kind, name.Normalized));
        }

        return [.. addresses.Select(a => Lookup(a.Kind, a.Normalized))];
    }

    private ContactLookup Lookup(ContactLookupKind kind, string normalized)
    {
        var column = Index(kind);
        var value = new byte[column.Length];
        index.Compute(column, normalized, value, out var key);
        return new ContactLookup(kind, value, BlindIndex.TagOf(key), ContactValidator.NormalizerVersion);
    }

    private EncryptedField? SealDetails(ValidContact contact, Guid id)
    {
        if (contact is { NameIsAddress: false, Organization: null, Title: null, Note: null })
        {
            return null;
        }

        var name = contact.NameAddress;
        var details = new SealedDetails(
            contact.NameIsAddress ? contact.Name : null,
            name?.Kind switch
            {
                ContactLookupKind.Email => KindEmail,
                ContactLookupKind.Phone => KindPhone,
                _ => null,
            },
            name?.Normalized,
            contact.Organization,
            contact.Title,
            contact.Note
        );
        return Seal(details, DetailsColumn, id, ContactJson.Compact.SealedDetails);
    }

    private EncryptedField? Seal(IEnumerable<SealedAddress> addresses, string column, Guid id)
    {
        SealedAddress[] list = [.. addresses];
        return list.Length == 0 ? null : Seal(list, column, id, ContactJson.Compact.SealedAddressArray);
    }

    private EncryptedField Seal<T>(T value, string column, Guid id, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var context = Place(column, id);
        var field = new byte[json.Length + protector.Overhead(context)];
        protector.Protect(json, context, field);
        CryptographicOperations.ZeroMemory(json);
        return new EncryptedField(field);
    }

    private SealedAddress[] Addresses(EncryptedField? field, string column, Guid id) =>
        Open(field, column, id, ContactJson.Compact.SealedAddressArray) ?? [];

    private T? Open<T>(EncryptedField? field, string column, Guid id, JsonTypeInfo<T> type)
        where T : class
    {
        if (field is not { Bytes.Span: var bytes })
        {
            return null;
        }

        // From bytes to the record: no text of the whole column is ever made.
        var context = Place(column, id);
        var buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        var written = 0;
        try
        {
            return protector.TryUnprotect(bytes, context, buffer, out written, out var failure)
                ? JsonSerializer.Deserialize(buffer.AsSpan(0, written), type)
                : throw new FieldProtectionException(context, failure.Value);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer.AsSpan(0, written));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A contact is the subject of its own data.
    private static FieldContext Place(string column, Guid id) => new(Table, column, id, id);

    /// <summary>How a kind of address is indexed.</summary>
    public static BlindIndexColumn Index(ContactLookupKind kind) => kind == ContactLookupKind.Email ? EmailIndex : PhoneIndex;
}
