using Autom8.Security.Audit;
using Autom8.Security.Passwords;

namespace Autom8.Security.Accounts;

/// <summary>A password that was tried, and how it compared with the hash that stood in the account's row at that moment.</summary>
/// <param name="Hash">The hash it was compared with.</param>
/// <param name="Verdict">How it compared; null when it was not looked at, because the account was locked.</param>
/// <param name="At">When.</param>
/// <param name="RequestId">In which request.</param>
/// <param name="Code">The code of the second factor that came with it, or null.</param>
internal readonly record struct PasswordAttempt(
    string Hash,
    PasswordVerdict? Verdict,
    DateTimeOffset At,
    string? RequestId,
    string? Code = null
);

/// <summary>What an attempt comes to.</summary>
internal enum AttemptOutcome
{
    /// <summary>The password is right and good for what is asked.</summary>
    Proved,

    /// <summary>The hash has changed meanwhile, or the account is no longer locked: the attempt says nothing and is made again.</summary>
    Stale,

    /// <summary>Wrong, or the account is disabled or gone.</summary>
    Refused,

    /// <summary>The account is locked; what was tried does not count.</summary>
    LockedOut,

    /// <summary>Right, but a one-time password past its time.</summary>
    Expired,

    /// <summary>Right, but the account has a second factor and no code came with it.</summary>
    CodeRequired,
}

/// <summary>The outcome of an attempt, with the row as it shall be and what shall be recorded.</summary>
internal readonly record struct JudgedAttempt(
    AttemptOutcome Outcome,
    StoredAccount? Next,
    TimeSpan RetryAfter,
    IReadOnlyList<AuditEntry> Events
)
{
    /// <summary>What shall become of the second factor, or null to leave it.</summary>
    public SecondFactorChange? Factor { get; init; }
}

/// <summary>Judges attempts against the row as it stands, locked against others; so that of any number of guesses made at once no more count than made one by one.</summary>
internal static class PasswordAttempts
{
    public static JudgedAttempt Judge(StoredAccount? stored, in PasswordAttempt attempt)
    {
        if (stored is not { Account: var account })
        {
            return Refuse(null, AccountEvents.UnknownAccount, attempt);
        }

        if (stored.PasswordHash != attempt.Hash)
        {
            return new JudgedAttempt(AttemptOutcome.Stale, null, TimeSpan.Zero, []);
        }

        if (account.State != AccountState.Active)
        {
            return Refuse(account, AccountEvents.DisabledAccount, attempt);
        }

        if (LockOut.Remaining(account, attempt.At) is { } remaining)
        {
            return new JudgedAttempt(
                AttemptOutcome.LockedOut,
                null,
                remaining,
                [AccountEvents.Refused(account, AccountEvents.LockedAccount, attempt.RequestId)]
            );
        }

        if (attempt.Verdict is not { } verdict)
        {
            return new JudgedAttempt(AttemptOutcome.Stale, null, TimeSpan.Zero, []);
        }

        if (verdict == PasswordVerdict.Wrong)
        {
            return Fail(stored, attempt, AccountEvents.WrongPassword);
        }

        if (account.PasswordExpiresAt <= attempt.At)
        {
            return new JudgedAttempt(
                AttemptOutcome.Expired,
                null,
                TimeSpan.Zero,
                [AccountEvents.RefusedTo(account, AccountEvents.ExpiredPassword, attempt.RequestId)]
            );
        }

        var proved = stored with { Account = account with { FailedAttempts = 0, LockedUntil = null } };
        return new JudgedAttempt(AttemptOutcome.Proved, proved, TimeSpan.Zero, []);
    }

    private static JudgedAttempt Refuse(Account? account, string reason, in PasswordAttempt attempt) =>
        new(AttemptOutcome.Refused, null, TimeSpan.Zero, [AccountEvents.Refused(account, reason, attempt.RequestId)]);

    /// <summary>Counts a wrong password or code.</summary>
    public static JudgedAttempt Fail(StoredAccount stored, in PasswordAttempt attempt, string reason)
    {
        var failed = stored.Account.FailedAttempts + 1;
        var until = LockOut.Until(failed, attempt.At);
        var refused = AccountEvents.Refused(stored.Account, reason, attempt.RequestId);
        return new JudgedAttempt(
            AttemptOutcome.Refused,
            stored with
            {
                Account = stored.Account with { FailedAttempts = failed, LockedUntil = until },
            },
            TimeSpan.Zero,
            until is null ? [refused] : [refused, AccountEvents.Locked(stored.Account, attempt.RequestId)]
        );
    }
}
