using System.Diagnostics.Metrics;
using Autom8.Security.Encryption;

namespace Autom8.Security;

/// <summary>The instruments of the meter <c>Autom8.Security</c>. No tag ever carries a value of a user.</summary>
internal static class SecurityMeter
{
    private static readonly Meter Meter = new("Autom8.Security");

    private static readonly Counter<long> FieldFailures = Meter.CreateCounter<long>(
        "autom8.security.field.failures",
        "{failure}",
        "Fields that could not be decrypted, by reason."
    );

    public static void FieldFailed(FieldProtectionFailure failure) =>
        FieldFailures.Add(1, new KeyValuePair<string, object?>("reason", failure.ToString()));
}
