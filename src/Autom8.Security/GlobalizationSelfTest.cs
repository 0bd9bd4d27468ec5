using System.Text;
using Autom8.Security.Keys;

namespace Autom8.Security;

/// <summary>
/// Refuses a process whose Unicode normalisation does nothing (<c>InvariantGlobalization</c>, or no libicu): it would hash and index other bytes
/// than a sound one, and nobody would be found or could sign in after the next build.
/// </summary>
internal static class GlobalizationSelfTest
{
    /// <exception cref="KeyringException">"e" and a combining acute accent do not compose.</exception>
    public static void Run() => Check("e\u0301".Normalize(NormalizationForm.FormC));

    internal static void Check(string composed)
    {
        if (!composed.Equals("\u00E9", StringComparison.Ordinal))
        {
            throw new KeyringException(
                "This build does not normalise Unicode text, so passwords and blind indexes would not match those of other builds. "
                    + "Set InvariantGlobalization to false, unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT, and install libicu."
            );
        }
    }
}
