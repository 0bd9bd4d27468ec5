using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Autom8.Contacts.Normalization;
using Autom8.Contacts.Storage;
using Autom8.Security.Text;

namespace Autom8.Contacts.Validation;

/// <summary>Checks drafts and queries, and brings them into the form in which they are kept.</summary>
internal sealed class ContactValidator(IPhoneNormalizer phones)
{
    /// <summary>Raised with any change of the form by which addresses are found: blind indexes of an older version are then computed anew.</summary>
    public const int NormalizerVersion = 1;

    private readonly DisplayNameRule _names = new(phones);

    /// <exception cref="ContactValidationException">The draft cannot be accepted.</exception>
    public ValidContact Check(ContactDraft draft)
    {
        var problems = new List<ContactProblem>();
        return TryCheck(draft, "", problems, out var contact) ? contact : throw new ContactValidationException(problems);
    }

    /// <summary>Checks a draft and adds what is wrong to <paramref name="problems"/>.</summary>
    /// <param name="draft">As given.</param>
    /// <param name="prefix">What the paths of its fields begin with.</param>
    /// <param name="problems">Takes the problems.</param>
    /// <param name="contact">The checked draft, when the result is true.</param>
    /// <param name="leftOut">Given for a record of a file: an impossible phone number, e-mail address or label is then left out of the contact and told here, instead
    /// of being a problem of the whole record, and invisible characters are removed.</param>
    public bool TryCheck(
        ContactDraft? draft,
        string prefix,
        List<ContactProblem> problems,
        [NotNullWhen(true)] out ValidContact? contact,
        List<ContactProblem>? leftOut = null
    )
    {
        contact = null;
        if (draft is null)
        {
            problems.Add(new ContactProblem(prefix.TrimEnd('.'), "A contact is missing here."));
            return false;
        }

        var before = problems.Count;
        var policies = leftOut is null ? ContactTextPolicies.Typed : ContactTextPolicies.Imported;
        var name = Text(draft.Name, prefix + "name", "A name", policies.Name, problems) ?? "";
        var validPhones = Phones(draft.Phones ?? [], prefix + "phones", policies, problems, leftOut ?? problems);
        var validEmails = Emails(draft.Emails ?? [], prefix + "emails", policies, problems, leftOut ?? problems);
        var organization = Text(draft.Organization, prefix + "organization", "An organization", policies.Name, problems);
        var title = Text(draft.Title, prefix + "title", "A title", policies.Name, problems);
        var note = Text(draft.Note, prefix + "note", "A note", policies.Note, problems);
        if (problems.Count > before)
        {
            return false;
        }

        if (name.Length == 0 && organization is null && validPhones.Count == 0 && validEmails.Count == 0)
        {
            problems.Add(
                new ContactProblem(prefix + "name", "A contact needs a name, or else an e-mail address, a phone number or an organization.")
            );
            return false;
        }

        var finding = _names.Inspect(name);
        var address = finding switch
        {
            { Email: { } email } => new NameAddress(ContactLookupKind.Email, email.IndexKey),
            { Phone: { } phone } => new NameAddress(ContactLookupKind.Phone, phone.IndexKey),
            _ => null,
        };
        contact = new ValidContact(name, finding.MustBeEncrypted, address, validPhones, validEmails, organization, title, note);
        return true;
    }

    /// <summary>The form by which an e-mail address is found.</summary>
    /// <exception cref="ContactValidationException">It is none.</exception>
    public static string NormalizeEmail(string email) =>
        EmailNormalizer.TryNormalize(email, out var address, out var refusal)
            ? address.IndexKey
            : throw new ContactValidationException("email", refusal.Reason);

    /// <summary>The form by which a phone number is found.</summary>
    /// <exception cref="ContactValidationException">It is none.</exception>
    public string NormalizePhone(string phone) =>
        phones.TryNormalize(phone, out var number, out var refusal)
            ? number.IndexKey
            : throw new ContactValidationException("phone", refusal.Reason);

    /// <summary>A stored contact with its addresses in the form by which they are found now. One that the normaliser does not accept any more keeps its form.</summary>
    /// <param name="contact">What is stored.</param>
    /// <param name="nameIsEncrypted">Whether the name is kept out of the table's plain text.</param>
    /// <param name="nameAddress">The address that the name was found to be, or null.</param>
    public ValidContact Renormalize(Contact contact, bool nameIsEncrypted, NameAddress? nameAddress)
    {
        var finding = _names.Inspect(contact.Name);
        var address = finding switch
        {
            { Email: { } email } => new NameAddress(ContactLookupKind.Email, email.IndexKey),
            { Phone: { } phone } => new NameAddress(ContactLookupKind.Phone, phone.IndexKey),
            _ => nameAddress,
        };
        return new ValidContact(
            contact.Name,
            nameIsEncrypted || finding.MustBeEncrypted,
            address,
            [
                .. contact.Phones.Select(p =>
                    phones.TryNormalize(p.Value, out var number, out _) ? p with { Normalized = number.IndexKey } : p
                ),
            ],
            [
                .. contact.Emails.Select(e =>
                    EmailNormalizer.TryNormalize(e.Value, out var email, out _) ? e with { Normalized = email.IndexKey } : e
                ),
            ],
            contact.Organization,
            contact.Title,
            contact.Note
        );
    }

    private List<ContactPhone> Phones(
        IReadOnlyList<ContactPhone> drafts,
        string field,
        ContactTextPolicies policies,
        List<ContactProblem> problems,
        List<ContactProblem> entryProblems
    )
    {
        if (IsTooMany(drafts.Count, field, problems))
        {
            return [];
        }

        var valid = new List<ContactPhone>(drafts.Count);
        for (var i = 0; i < drafts.Count; i++)
        {
            var path = Path(field, i);
            if (drafts[i] is not { Value: { } value } draft)
            {
                entryProblems.Add(new ContactProblem(path + ".value", "A phone number is missing here."));
            }
            else if (phones.TryNormalize(value, out var number, out var refusal))
            {
                var label = Text(draft.Label, path + ".label", "A label", policies.Label, entryProblems);
                valid.Add(new ContactPhone(number.Raw, label) { Normalized = number.IndexKey });
            }
            else
            {
                entryProblems.Add(new ContactProblem(path + ".value", refusal.Reason));
            }
        }

        return valid;
    }

    private static List<ContactEmail> Emails(
        IReadOnlyList<ContactEmail> drafts,
        string field,
        ContactTextPolicies policies,
        List<ContactProblem> problems,
        List<ContactProblem> entryProblems
    )
    {
        if (IsTooMany(drafts.Count, field, problems))
        {
            return [];
        }

        var valid = new List<ContactEmail>(drafts.Count);
        for (var i = 0; i < drafts.Count; i++)
        {
            var path = Path(field, i);
            if (drafts[i] is not { Value: { } value } draft)
            {
                entryProblems.Add(new ContactProblem(path + ".value", "An e-mail address is missing here."));
            }
            // What the text rules refuse the normaliser refuses as well, with a better reason.
            else if (EmailNormalizer.TryNormalize(TextRules.Normalize(value, policies.Email).Text ?? value, out var email, out var refusal))
            {
                var label = Text(draft.Label, path + ".label", "A label", policies.Label, entryProblems);
                valid.Add(new ContactEmail(email.Raw, label) { Normalized = email.IndexKey });
            }
            else
            {
                entryProblems.Add(new ContactProblem(path + ".value", refusal.Reason));
            }
        }

        return valid;
    }

    private static bool IsTooMany(int count, string field, List<ContactProblem> problems)
    {
        if (count <= ContactDraft.MaxAddresses)
        {
            return false;
        }

        problems.Add(new ContactProblem(field, $"A contact has at most {ContactDraft.MaxAddresses} of these."));
        return true;
    }

    private static string? Text(string? text, string field, string what, TextPolicy policy, List<ContactProblem> problems)
    {
        if (text is null)
        {
            return null;
        }

        var result = TextRules.Normalize(text, policy);
        if (!result.IsValid)
        {
            problems.Add(new ContactProblem(field, $"{what} {result.Message}."));
        }

        return result.Text is { Length: > 0 } kept ? kept : null;
    }

    private static string Path(string field, int index) => string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]");
}
