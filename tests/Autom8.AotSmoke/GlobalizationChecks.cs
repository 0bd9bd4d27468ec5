using System.Text;
using static Autom8.AotSmoke.SmokeCheck;

namespace Autom8.AotSmoke;

/// <summary>With invariant globalization these fail in silence, and passwords and blind indexes would differ between builds.</summary>
internal static class GlobalizationChecks
{
    public static IEnumerable<SmokeCheck> All =>
        [
            new(
                "NFC normalisation composes",
                () =>
                {
                    Require("e\u0301".Normalize(NormalizationForm.FormC) == "\u00E9", "e and a combining acute accent were not composed.");
                    Require(!"e\u0301".IsNormalized(NormalizationForm.FormC), "A decomposed text counts as normalised.");
                    return Task.CompletedTask;
                }
            ),
            new(
                "Time zones are known by their IANA names",
                () =>
                {
                    var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
                    var summer = new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
                    Require(berlin.GetUtcOffset(summer) == TimeSpan.FromHours(2), "Berlin is not two hours ahead of UTC in July.");
                    return Task.CompletedTask;
                }
            ),
        ];
}
