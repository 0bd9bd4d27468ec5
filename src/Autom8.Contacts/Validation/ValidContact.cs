using Autom8.Contacts.Storage;

namespace Autom8.Contacts.Validation;

/// <summary>An address that stands in the place of a name, in the form by which it is found.</summary>
internal sealed record NameAddress(ContactLookupKind Kind, string Normalized);

/// <summary>A draft that was checked: text in NFC, addresses with their normalised form, what is empty null.</summary>
/// <param name="Name">The name, or empty.</param>
/// <param name="NameIsAddress">Whether the name is, or holds, an address, and so must not be readable in the table.</param>
/// <param name="NameAddress">That address; null when it cannot be brought into a form by which to find it.</param>
/// <param name="Phones">The phone numbers.</param>
/// <param name="Emails">The e-mail addresses.</param>
/// <param name="Organization">The organisation.</param>
/// <param name="Title">The title.</param>
/// <param name="Note">The note.</param>
internal sealed record ValidContact(
    string Name,
    bool NameIsAddress,
    NameAddress? NameAddress,
    IReadOnlyList<ContactPhone> Phones,
    IReadOnlyList<ContactEmail> Emails,
    string? Organization,
    string? Title,
    string? Note
)
{
    /// <summary>The contact as it was just written.</summary>
    public Contact ToContact(StoredContact row) =>
        new()
        {
            Id = row.Id,
            Name = Name,
            Phones = Phones,
            Emails = Emails,
            Organization = Organization,
            Title = Title,
            Note = Note,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
            Version = row.Version,
        };

    /// <summary>The names of the fields that hold something: what the audit log is told of a new contact.</summary>
    public IEnumerable<string> FieldsSet()
    {
        if (Name.Length > 0)
        {
            yield return "name";
        }

        if (Phones.Count > 0)
        {
            yield return "phones";
        }

        if (Emails.Count > 0)
        {
            yield return "emails";
        }

        if (Organization is not null)
        {
            yield return "organization";
        }

        if (Title is not null)
        {
            yield return "title";
        }

        if (Note is not null)
        {
            yield return "note";
        }
    }

    /// <summary>The names of the fields that differ from what is stored: what the audit log is told of a change.</summary>
    public IEnumerable<string> FieldsChanged(Contact stored)
    {
        if (Name != stored.Name)
        {
            yield return "name";
        }

        if (!Phones.SequenceEqual(stored.Phones))
        {
            yield return "phones";
        }

        if (!Emails.SequenceEqual(stored.Emails))
        {
            yield return "emails";
        }

        if (Organization != stored.Organization)
        {
            yield return "organization";
        }

        if (Title != stored.Title)
        {
            yield return "title";
        }

        if (Note != stored.Note)
        {
            yield return "note";
        }
    }
}
