using Autom8.Security.Audit;

namespace Autom8.Security.Accounts;

/// <summary>
/// Judges the code of an attempt after its password: only who knows the password learns that a code is wanted. Under the same lock, so that of any number of
/// attempts with one code at once one succeeds.
/// </summary>
internal static class SecondFactorAttempts
{
    public static JudgedAttempt Judge(
        JudgedAttempt password,
        StoredSecondFactor? factor,
        StoredAccount? stored,
        in PasswordAttempt attempt,
        SecondFactors factors
    )
    {
        if (password.Outcome != AttemptOutcome.Proved || factor is not { Active: true })
        {
            return password;
        }

        if (attempt.Code is not { Length: > 0 } code)
        {
            // Wrong codes that were counted before stay counted.
            return new JudgedAttempt(
                AttemptOutcome.CodeRequired,
                null,
                TimeSpan.Zero,
                [AccountEvents.RefusedTo(stored!.Account, AccountEvents.CodeRequired, attempt.RequestId)]
            );
        }

        return factors.Use(factor, code, attempt.At) is { } used
            ? password with
            {
                Factor = new SecondFactorChange(used),
                Events =
                    used.Recovery == factor.Recovery
                        ? password.Events
                        : [.. password.Events, AccountEvents.RecoveryUsed(stored!.Account, attempt.RequestId)],
            }
            : PasswordAttempts.Fail(stored!, attempt, AccountEvents.WrongCode);
    }
}
