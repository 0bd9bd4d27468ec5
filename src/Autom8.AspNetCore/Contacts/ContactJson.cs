using System.Globalization;
using Autom8.Contacts;
using Autom8.Contacts.Transfer;

namespace Autom8.AspNetCore;

/// <summary>A phone number or an e-mail address of a contact as a client sends it.</summary>
/// <param name="Value">As it was written.</param>
/// <param name="Label">What kind it is, such as <c>work</c>.</param>
public sealed record LabelledValue(string Value, string? Label = null);

/// <summary>What a client may set of a contact. An update replaces all of it.</summary>
public sealed record ContactRequest
{
    /// <summary>The display name; may be left out where a phone, an e-mail address or an organisation stands in for it.</summary>
    public string? Name { get; init; }

    /// <summary>Phone numbers, at most 50.</summary>
    public IReadOnlyList<LabelledValue>? Phones { get; init; }

    /// <summary>E-mail addresses, at most 50.</summary>
    public IReadOnlyList<LabelledValue>? Emails { get; init; }

    /// <summary>The organisation.</summary>
    public string? Organization { get; init; }

    /// <summary>The job title.</summary>
    public string? Title { get; init; }

    /// <summary>Free text.</summary>
    public string? Note { get; init; }

    internal ContactDraft ToDraft() =>
        new()
        {
            Name = Name,
            // The reader keeps nulls out of properties but not out of lists: those go on, to be refused by their place in the list.
            Phones = [.. (Phones ?? []).Select(p => p is null ? null! : new ContactPhone(p.Value, p.Label))],
            Emails = [.. (Emails ?? []).Select(e => e is null ? null! : new ContactEmail(e.Value, e.Label))],
            Organization = Organization,
            Title = Title,
            Note = Note,
        };

    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Contact request";
}

/// <summary>A phone number or an e-mail address of a contact.</summary>
/// <param name="Value">As it was written.</param>
/// <param name="Label">What kind it is.</param>
/// <param name="Normalized">The form by which it is found: E.164 for a phone.</param>
public sealed record StoredValue(string Value, string? Label, string? Normalized);

/// <summary>A contact.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The display name.</param>
/// <param name="Phones">Phone numbers.</param>
/// <param name="Emails">E-mail addresses.</param>
/// <param name="Organization">The organisation.</param>
/// <param name="Title">The job title.</param>
/// <param name="Note">Free text.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="Version">One more with each change; the ETag, without its quotes.</param>
public sealed record ContactResponse(
    Guid Id,
    string Name,
    IReadOnlyList<StoredValue> Phones,
    IReadOnlyList<StoredValue> Emails,
    string? Organization,
    string? Title,
    string? Note,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    long Version
)
{
    internal static ContactResponse From(Contact contact) =>
        new(
            contact.Id,
            contact.Name,
            [.. contact.Phones.Select(p => new StoredValue(p.Value, p.Label, p.Normalized))],
            [.. contact.Emails.Select(e => new StoredValue(e.Value, e.Label, e.Normalized))],
            contact.Organization,
            contact.Title,
            contact.Note,
            contact.CreatedAt,
            contact.UpdatedAt,
            contact.Version
        );

    internal string ETag() => string.Create(CultureInfo.InvariantCulture, $"\"{Version}\"");

    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => $"Contact {Id}";
}

/// <summary>A page of contacts, the oldest first.</summary>
/// <param name="Items">The contacts.</param>
/// <param name="NextCursor">What to send as <c>cursor</c> for the next page; null after the last.</param>
public sealed record ContactListResponse(IReadOnlyList<ContactResponse> Items, string? NextCursor)
{
    internal static ContactListResponse From(ContactPage page) => new([.. page.Items.Select(ContactResponse.From)], page.NextCursor);
}

/// <summary>An exact search. Exactly one of the two is given; it stands in the body, so that no address stands in a URL or a log.</summary>
/// <param name="Email">An e-mail address in any written form.</param>
/// <param name="Phone">A phone number in any written form.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="Cursor">The <c>nextCursor</c> of the page before.</param>
public sealed record ContactSearchRequest(string? Email = null, string? Phone = null, int? Limit = null, string? Cursor = null)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Contact search";
}

/// <summary>One line of the answer to an import: what became of one record, once that is durable.</summary>
/// <param name="Line">The line of the file on which the record begins.</param>
/// <param name="Status"><c>created</c> or <c>refused</c>.</param>
/// <param name="Id">The contact's id, if it was created.</param>
/// <param name="Problems">Why it was refused, or what was left out of a contact that was created.</param>
public sealed record ImportLine(int Line, string Status, Guid? Id, IReadOnlyList<ImportProblem>? Problems)
{
    internal static ImportLine From(ImportOutcome outcome) =>
        new(
            outcome.Line,
            outcome.Status == ImportStatus.Created ? "created" : "refused",
            outcome.ContactId,
            outcome.Problems.Count == 0 ? null : [.. outcome.Problems.Select(p => new ImportProblem(p.Field, p.Message))]
        );
}

/// <summary>What is wrong with a record.</summary>
/// <param name="Field">The field, such as <c>phones[0].value</c>; empty where the record could not be read at all.</param>
/// <param name="Message">What would be right. It never repeats the value.</param>
public sealed record ImportProblem(string Field, string Message);
