namespace Autom8.Contacts;

/// <summary>What a caller may set of a contact. An update replaces all of it: what is left out is emptied.</summary>
/// <remarks>Text is brought to NFC and trimmed under the rules of <see cref="Autom8.Security.Text.TextRules"/>: control characters, characters that turn the direction of
/// writing and characters without width are refused by name of the field (only <see cref="Note"/> may hold line breaks and tabs). Lengths count characters as a
/// reader does (UAX #29 grapheme clusters).</remarks>
public sealed record ContactDraft
{
    /// <summary>The most phone numbers, and the most e-mail addresses, that a contact may have.</summary>
    public const int MaxAddresses = 50;

    /// <summary>The longest name, organisation or title, in grapheme clusters.</summary>
    public const int MaxNameLength = 200;

    /// <summary>The longest label, in grapheme clusters.</summary>
    public const int MaxLabelLength = 40;

    /// <summary>The longest note, in grapheme clusters.</summary>
    public const int MaxNoteLength = 10_000;

    /// <summary>The display name: at most 200 characters. May be left out where a phone, an e-mail address or an organisation stands in for it.</summary>
    public string? Name { get; init; }

    /// <summary>At most 50 phone numbers.</summary>
    public IReadOnlyList<ContactPhone> Phones { get; init; } = [];

    /// <summary>At most 50 e-mail addresses.</summary>
    public IReadOnlyList<ContactEmail> Emails { get; init; } = [];

    /// <summary>The organisation: at most 200 characters.</summary>
    public string? Organization { get; init; }

    /// <summary>The job title: at most 200 characters.</summary>
    public string? Title { get; init; }

    /// <summary>Free text: at most 10 000 characters.</summary>
    public string? Note { get; init; }

    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Contact draft";
}
