using Autom8.Contacts.Formats;

namespace Autom8.Contacts.Transfer;

/// <summary>How a file is imported.</summary>
public sealed record ImportOptions
{
    /// <summary>The file's name, which helps to recognise its format when none is given.</summary>
    public string? FileName { get; init; }

    /// <summary>Bounds of one record.</summary>
    public ContactReadLimits Limits { get; init; } = ContactReadLimits.Default;
}
