namespace Autom8.Client;

/// <summary>A phone number or an e-mail address of a contact.</summary>
/// <param name="Value">As it was written.</param>
/// <param name="Label">What kind it is, such as <c>work</c>.</param>
/// <param name="Normalized">The form by which it is found; set by the API.</param>
public sealed record LabelledValue(string Value, string? Label = null, string? Normalized = null)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Labelled value";
}

/// <summary>What a client may set of a contact.</summary>
public record ContactDraft
{
    /// <summary>The display name.</summary>
    public string? Name { get; init; }

    /// <summary>Phone numbers.</summary>
    public IReadOnlyList<LabelledValue> Phones { get; init; } = [];

    /// <summary>E-mail addresses.</summary>
    public IReadOnlyList<LabelledValue> Emails { get; init; } = [];

    /// <summary>The organisation.</summary>
    public string? Organization { get; init; }

    /// <summary>The job title.</summary>
    public string? Title { get; init; }

    /// <summary>Free text.</summary>
    public string? Note { get; init; }

    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Contact draft";
}

/// <summary>A contact.</summary>
public sealed record Contact : ContactDraft
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>One more with each change; what an update names so that it overwrites nobody else's.</summary>
    public required long Version { get; init; }

    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => $"Contact {Id}";
}

/// <summary>A page of contacts.</summary>
/// <param name="Items">The contacts.</param>
/// <param name="NextCursor">Where the next page begins; null after the last.</param>
public sealed record ContactPage(IReadOnlyList<Contact> Items, string? NextCursor);

/// <summary>What became of one record of an import.</summary>
/// <param name="Line">The line of the file on which the record begins.</param>
/// <param name="Status"><c>created</c> or <c>refused</c>.</param>
/// <param name="Id">The contact's id, if it was created.</param>
/// <param name="Problems">Why it was refused, or what was left out of a contact that was created; null when nothing was.</param>
public sealed record ImportLine(int Line, string Status, Guid? Id, IReadOnlyList<ImportProblem>? Problems);

/// <summary>What is wrong with a record.</summary>
/// <param name="Field">The field, such as <c>phones[0].value</c>; empty where the record could not be read at all.</param>
/// <param name="Message">What would be right. It never repeats the value.</param>
public sealed record ImportProblem(string Field, string Message);

/// <summary>The formats of files of contacts.</summary>
public enum ContactFileFormat
{
    /// <summary>vCard 4.0, RFC 6350; read in versions 2.1 and 3.0 too.</summary>
    VCard,

    /// <summary>vCard 3.0, RFC 2426, for older programs.</summary>
    VCard3,

    /// <summary>CSV with Google's headers; read with Outlook's too.</summary>
    Csv,
}
