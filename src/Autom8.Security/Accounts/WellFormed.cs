using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Autom8.Security.Accounts;

/// <summary>Brings names and passwords into NFC, as RFC 8265 prescribes; text that is not Unicode has no such form.</summary>
internal static class WellFormed
{
    public static bool TryNormalize(string text, [NotNullWhen(true)] out string? nfc)
    {
        try
        {
            nfc = text.Normalize(NormalizationForm.FormC);
            return true;
        }
        catch (ArgumentException)
        {
            nfc = null;
            return false;
        }
    }
}
