using System.Text;

namespace Autom8.Security.Accounts;

/// <summary>A login name: as written, in NFC, and in the caseless form that it is compared and found by.</summary>
internal readonly record struct AccountName(string Text, string Key)
{
    public const string Rules = "An account's name is 1 to 64 letters, digits, '.', '_', '-' and '@'; 'system' and 'unknown' are taken.";

    private const int MaxLength = 64;

    // Names that the audit log uses for others.
    private static readonly string[] Reserved = [Audit.AuditActor.System.User, Audit.AuditActor.Unknown.User];

    public static bool TryParse(string text, out AccountName name)
    {
        name = default;
        // NFC shortens text at most threefold, so that what is longer need not be looked at.
        if (text.Length is 0 or > 3 * MaxLength || !WellFormed.TryNormalize(text, out var nfc) || nfc.Length > MaxLength)
        {
            return false;
        }

        foreach (var rune in nfc.EnumerateRunes())
        {
            if (!Rune.IsLetterOrDigit(rune) && rune.Value is not ('.' or '_' or '-' or '@'))
            {
                return false;
            }
        }

        // Up and down again brings letters together that share an upper case only, such as the two forms of sigma.
        var key = nfc.ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormC);
        if (Reserved.Contains(key, StringComparer.Ordinal))
        {
            return false;
        }

        name = new AccountName(nfc, key);
        return true;
    }
}
