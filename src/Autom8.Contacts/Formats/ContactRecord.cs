using System.Text;

namespace Autom8.Contacts.Formats;

/// <summary>One person as a file tells of them, in no format's terms: what the readers produce and the writers consume.</summary>
/// <remarks>
/// Texts are trimmed and use <c>\n</c> for a line break; what is absent is <see langword="null"/>. Nothing is normalised or checked beyond the
/// syntax of the file. Two records are equal when they tell the same: <see cref="Line"/> does not count. <see cref="ToString"/> shows nothing personal.
/// </remarks>
public sealed record ContactRecord
{
    /// <summary>The name to show. Put together from the parts, or taken from nickname or organization, when the file has no such field; empty only when it has none of them.</summary>
    public string FormattedName { get; init; } = "";

    /// <summary>The given name.</summary>
    public string? GivenName { get; init; }

    /// <summary>The family name.</summary>
    public string? FamilyName { get; init; }

    /// <summary>The organization; its units, where the file has them, follow after commas.</summary>
    public string? Organization { get; init; }

    /// <summary>The position held in the organization.</summary>
    public string? Title { get; init; }

    /// <summary>Free text; may have several lines.</summary>
    public string? Note { get; init; }

    /// <summary>The identifier that the file gives this person, as written.</summary>
    public string? Uid { get; init; }

    /// <summary>Phone numbers in the order of the file.</summary>
    public IReadOnlyList<LabelledValue> Phones { get; init; } = [];

    /// <summary>E-mail addresses in the order of the file.</summary>
    public IReadOnlyList<LabelledValue> Emails { get; init; } = [];

    /// <summary>The line, counted from 1, on which the record began in its file; 0 for a record that was not read.</summary>
    public int Line { get; init; }

    /// <inheritdoc/>
    public bool Equals(ContactRecord? other) =>
        other is not null
        && FormattedName == other.FormattedName
        && GivenName == other.GivenName
        && FamilyName == other.FamilyName
        && Organization == other.Organization
        && Title == other.Title
        && Note == other.Note
        && Uid == other.Uid
        && Phones.SequenceEqual(other.Phones)
        && Emails.SequenceEqual(other.Emails);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(FormattedName, GivenName, FamilyName, Organization, Uid, Phones.Count, Emails.Count);

    private bool PrintMembers(StringBuilder text)
    {
        text.Append(nameof(Line)).Append(" = ").Append(Line);
        return true;
    }
}
