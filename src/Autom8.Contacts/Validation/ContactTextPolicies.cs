using Autom8.Security.Text;

namespace Autom8.Contacts.Validation;

/// <summary>What the texts of a contact may hold. Empty is allowed: it means absent.</summary>
internal sealed class ContactTextPolicies(InvisibleCharacters invisible)
{
    /// <summary>For what people type.</summary>
    public static ContactTextPolicies Typed { get; } = new(InvisibleCharacters.Refuse);

    /// <summary>For files: address books put marks of direction around names and numbers, and whoever imports them did not.</summary>
    public static ContactTextPolicies Imported { get; } = new(InvisibleCharacters.Remove);

    /// <summary>Names, organisations, titles.</summary>
    public TextPolicy Name { get; } = new(ContactDraft.MaxNameLength) { AllowEmpty = true, Invisible = invisible };

    /// <summary>Labels of phones and e-mails.</summary>
    public TextPolicy Label { get; } = new(ContactDraft.MaxLabelLength) { AllowEmpty = true, Invisible = invisible };

    /// <summary>Notes.</summary>
    public TextPolicy Note { get; } =
        new(ContactDraft.MaxNoteLength)
        {
            AllowEmpty = true,
            MultiLine = true,
            Invisible = invisible,
        };

    /// <summary>An e-mail address before it is judged as one; longer than any can be.</summary>
    public TextPolicy Email { get; } = new(1_000) { AllowEmpty = true, Invisible = invisible };
}
