using System.Diagnostics.Metrics;
using Autom8.Security.Encryption;
using Autom8.Security.Tokens;

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

    private static readonly Counter<long> PasswordHashes = Meter.CreateCounter<long>(
        "autom8.security.password.hashes",
        "{hash}",
        "Argon2id hashes computed, by outcome: hash, right, wrong; or refused because too many were waiting."
    );

    public static void PasswordHashed(string outcome) => PasswordHashes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public static void PasswordRefused() => PasswordHashed("refused");

    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>(
        "autom8.security.tokens",
        "{token}",
        "Access tokens looked at, by the outcome of their validation."
    );

    private static readonly object[] TokenStatuses = [.. Enum.GetNames<TokenStatus>()];

    public static void TokenValidated(TokenStatus status) =>
        Tokens.Add(1, new KeyValuePair<string, object?>("status", TokenStatuses[(int)status]));
}
