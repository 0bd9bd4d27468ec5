using System.Security.Cryptography;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>Makes second factors and checks codes against them. Functions over a row and a time, so that they can decide inside the transaction that locks it.</summary>
internal sealed class SecondFactors(IKeyringProvider keyrings, string issuer)
{
    // RFC 4226, section 4, R6 recommends 160 bits; a key as long as the hash (RFC 6238, section 5.1).
    private const int Sha1SecretLength = 20;
    private const int Sha256SecretLength = 32;

    private readonly AccountSecrets secrets = new(keyrings);

    private static FieldContext SecretOf(Guid accountId) => AccountSecretColumn.FactorSecret.Of(accountId);

    private static FieldContext RecoveryOf(Guid accountId) => AccountSecretColumn.FactorRecovery.Of(accountId);

    /// <summary>A factor that waits for its first code, and what the user's app needs to know.</summary>
    public (StoredSecondFactor Factor, SecondFactorResult.Enrolled Shown) Enrol(
        Account account,
        TotpAlgorithm algorithm,
        DateTimeOffset now
    )
    {
        var secret = RandomNumberGenerator.GetBytes(algorithm == TotpAlgorithm.Sha256 ? Sha256SecretLength : Sha1SecretLength);
        var factor = new StoredSecondFactor(
            account.Id,
            secrets.Protect(Convert.ToBase64String(secret), SecretOf(account.Id)),
            algorithm,
            Active: false,
            LastStep: 0,
            secrets.Protect("", RecoveryOf(account.Id)),
            now,
            ConfirmedAt: null
        );
        var text = Base32.Encode(secret);
        CryptographicOperations.ZeroMemory(secret);
        return (factor, new SecondFactorResult.Enrolled(text, Uri(account.Name, text, algorithm)));
    }

    /// <summary>The factor with a code used up, or null when the code is not good. A recovery code does only once the factor is active.</summary>
    public StoredSecondFactor? Use(StoredSecondFactor factor, string code, DateTimeOffset now)
    {
        var typed = code.Trim();
        var secret = Convert.FromBase64String(secrets.Unprotect(factor.Secret, SecretOf(factor.AccountId)));
        var step = Totp.Match(secret, factor.Algorithm, typed, now, factor.LastStep);
        CryptographicOperations.ZeroMemory(secret);
        if (step is { } used)
        {
            return factor with { LastStep = used };
        }

        var recovery = RecoveryOf(factor.AccountId);
        return factor.Active && RecoveryCodes.Use(secrets.Unprotect(factor.Recovery, recovery), typed) is { } left
            ? factor with
            {
                Recovery = secrets.Protect(left, recovery),
            }
            : null;
    }

    /// <summary>The factor made active, with new recovery codes.</summary>
    public (StoredSecondFactor Factor, IReadOnlyList<string> Codes) Activate(StoredSecondFactor factor, DateTimeOffset now)
    {
        var codes = RecoveryCodes.Generate();
        return (
            factor with
            {
                Active = true,
                ConfirmedAt = now,
                Recovery = secrets.Protect(RecoveryCodes.Hash(codes), RecoveryOf(factor.AccountId)),
            },
            codes
        );
    }

    public int RecoveryCodesLeft(StoredSecondFactor factor) =>
        RecoveryCodes.Left(secrets.Unprotect(factor.Recovery, RecoveryOf(factor.AccountId)));

    // https://github.com/google/google-authenticator/wiki/Key-Uri-Format
    private string Uri(string account, string secret, TotpAlgorithm algorithm) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(account)}?secret={secret}&issuer={System.Uri.EscapeDataString(issuer)}"
        + $"&algorithm={(algorithm == TotpAlgorithm.Sha256 ? "SHA256" : "SHA1")}&digits={Totp.Digits}&period={Totp.StepSeconds}";
}
