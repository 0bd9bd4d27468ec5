namespace Autom8.Contacts;

/// <summary>A phone number of a contact.</summary>
/// <param name="Value">The number as it was written, in international form or in that of <see cref="ContactsOptions.DefaultRegion"/>.</param>
/// <param name="Label">What kind of number it is, such as <c>home</c>: at most 40 characters, or null.</param>
public sealed record ContactPhone(string Value, string? Label = null)
{
    /// <summary>The number in E.164 form (ITU-T E.164, <c>+</c> and up to 15 digits), by which it is found. Set by the contact book; null in a draft.</summary>
    public string? Normalized { get; internal init; }

    /// <summary>Says what it is, never the number.</summary>
    public override string ToString() => "Phone";
}
