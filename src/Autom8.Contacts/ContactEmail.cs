namespace Autom8.Contacts;

/// <summary>An e-mail address of a contact.</summary>
/// <param name="Value">The address as it was written.</param>
/// <param name="Label">What kind of address it is, such as <c>work</c>: at most 40 characters, or null.</param>
public sealed record ContactEmail(string Value, string? Label = null)
{
    /// <summary>The address in the form by which it is found: two addresses with equal forms reach the same mailbox, as far as RFC 5321 lets one
    /// tell. Set by the contact book; null in a draft.</summary>
    public string? Normalized { get; internal init; }

    /// <summary>Says what it is, never the address.</summary>
    public override string ToString() => "E-mail";
}
