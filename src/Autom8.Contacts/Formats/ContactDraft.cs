namespace Autom8.Contacts.Formats;

/// <summary>What has been read of one person so far, in the parts that the formats know.</summary>
internal sealed class ContactDraft(int line)
{
    public string? FullName { get; set; }

    public string? Prefix { get; set; }

    public string? Given { get; set; }

    public string? Additional { get; set; }

    public string? Family { get; set; }

    public string? Suffix { get; set; }

    public string? Nickname { get; set; }

    public string? Organization { get; set; }

    public string? Title { get; set; }

    public string? Note { get; set; }

    public string? Uid { get; set; }

    public List<LabelledValue> Phones { get; } = [];

    public List<LabelledValue> Emails { get; } = [];

    public int Line => line;

    public static string? Join(string? first, string? second, string separator) =>
        first is null ? second
        : second is null ? first
        : first + separator + second;

    /// <summary>The record, or <see langword="null"/> when there is nothing to know the person by.</summary>
    public ContactRecord? Complete()
    {
        string name = FullName ?? PersonName.Compose(Prefix, Given, Additional, Family, Suffix);
        if (name.Length == 0)
        {
            name = Nickname ?? Organization ?? "";
        }
        if (name.Length == 0 && Phones.Count == 0 && Emails.Count == 0)
        {
            return null;
        }
        return new ContactRecord
        {
            FormattedName = name,
            GivenName = Given,
            FamilyName = Family,
            Organization = Organization,
            Title = Title,
            Note = Note,
            Uid = Uid,
            Phones = Phones.Count == 0 ? [] : Phones,
            Emails = Emails.Count == 0 ? [] : Emails,
            Line = Line,
        };
    }
}
