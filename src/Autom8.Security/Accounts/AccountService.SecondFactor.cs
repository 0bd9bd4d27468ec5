using Autom8.Security.Audit;
using Autom8.Security.Passwords;
using Autom8.Storage;

namespace Autom8.Security.Accounts;

/// <content>The second factor: codes of an authenticator app (RFC 6238).</content>
public sealed partial class AccountService
{
    /// <summary>Whether an account has a second factor.</summary>
    public async ValueTask<SecondFactorStatus> GetSecondFactorAsync(Guid accountId, CancellationToken ct) =>
        await store.GetSecondFactorAsync(accountId, ct).ConfigureAwait(false) is { Active: true } factor
            ? new SecondFactorStatus(true, factors.RecoveryCodesLeft(factor))
            : new SecondFactorStatus(false, 0);

    /// <summary>
    /// Makes a secret for an authenticator app. It comes into force with <see cref="ConfirmSecondFactorAsync"/>; until then it may be made anew.
    /// </summary>
    /// <param name="accountId">The account.</param>
    /// <param name="password">Its password: whoever finds a session open shall not be able to lock its user out. A wrong one counts towards the lock-out.</param>
    /// <param name="algorithm">The hash of the codes.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PasswordHashingBusyException">Too many passwords are being checked; try again later.</exception>
    public ValueTask<SecondFactorResult> EnrolSecondFactorAsync(
        Guid accountId,
        string password,
        TotpAlgorithm algorithm,
        AuditActor actor,
        CancellationToken ct
    )
    {
        ArgumentNullException.ThrowIfNull(password);
        return ProveAsync(
            accountId,
            password,
            code: null,
            actor,
            (factors, algorithm, actor),
            static (found, attempt, s) =>
            {
                if (found.Factor is { Active: true })
                {
                    return new AccountChange<SecondFactorResult?>(SecondFactorResult.AlreadyActive.Instance, null);
                }

                var judged = Judge(found, attempt, s.factors);
                if (judged.Outcome != AttemptOutcome.Proved)
                {
                    return Refusal(judged);
                }

                var account = judged.Next!.Account;
                var (factor, shown) = s.factors.Enrol(account, s.algorithm, attempt.At);
                return new AccountChange<SecondFactorResult?>(
                    shown,
                    judged.Next,
                    [.. judged.Events, AccountEvents.Change(AccountEvents.FactorEnrolled, account, s.actor)]
                )
                {
                    Factor = new SecondFactorChange(factor),
                };
            },
            ct
        );
    }

    /// <summary>Brings an enrolled factor into force, once a code proves that the app has the secret. All tokens of the account die.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="code">The code that the app shows. A wrong one counts towards the lock-out.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask<SecondFactorResult> ConfirmSecondFactorAsync(Guid accountId, string code, AuditActor actor, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(code);
        return await ChangeAsync(
                accountId,
                false,
                (factors, code, actor, now: time.GetUtcTimestamp()),
                static (found, s) => Confirm(found, s.factors, s.code, s.actor, s.now),
                ct
            )
            .ConfigureAwait(false);
    }

    /// <summary>Removes a factor that is in force. All tokens of the account die.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="password">Its password.</param>
    /// <param name="code">A code of the app, or a recovery code. A wrong one counts towards the lock-out.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PasswordHashingBusyException">Too many passwords are being checked; try again later.</exception>
    public ValueTask<SecondFactorResult> DisableSecondFactorAsync(
        Guid accountId,
        string password,
        string code,
        AuditActor actor,
        CancellationToken ct
    )
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(code);
        return ProveAsync(
            accountId,
            password,
            code,
            actor,
            (factors, actor),
            static (found, attempt, s) =>
            {
                if (found.Factor is not { Active: true })
                {
                    return new AccountChange<SecondFactorResult?>(SecondFactorResult.NotEnrolled.Instance, null);
                }

                var judged = Judge(found, attempt, s.factors);
                if (judged.Outcome != AttemptOutcome.Proved)
                {
                    return Refusal(judged);
                }

                var account = Renewed(judged.Next!.Account, attempt.At);
                return new AccountChange<SecondFactorResult?>(
                    SecondFactorResult.Disabled.Instance,
                    judged.Next with
                    {
                        Account = account,
                    },
                    [.. judged.Events, AccountEvents.Change(AccountEvents.FactorDisabled, account, s.actor)]
                )
                {
                    Factor = new SecondFactorChange(null),
                };
            },
            ct
        );
    }

    private static AccountChange<SecondFactorResult> Confirm(
        AccountSnapshot found,
        SecondFactors factors,
        string code,
        AuditActor actor,
        DateTimeOffset now
    )
    {
        if (found is not { Stored: { Account.State: AccountState.Active } stored, Factor: { } factor })
        {
            return new AccountChange<SecondFactorResult>(SecondFactorResult.NotEnrolled.Instance, null);
        }

        if (factor.Active)
        {
            return new AccountChange<SecondFactorResult>(SecondFactorResult.AlreadyActive.Instance, null);
        }

        if (LockOut.Remaining(stored.Account, now) is { } remaining)
        {
            return new AccountChange<SecondFactorResult>(new SecondFactorResult.LockedOut(remaining), null);
        }

        if (factors.Use(factor, code, now) is not { } used)
        {
            var attempt = new PasswordAttempt(stored.PasswordHash, PasswordVerdict.Wrong, now, actor.RequestId);
            var failed = PasswordAttempts.Fail(stored, attempt, AccountEvents.WrongCode);
            return new AccountChange<SecondFactorResult>(SecondFactorResult.Refused.Instance, failed.Next, failed.Events);
        }

        var account = Renewed(stored.Account, now);
        var (active, codes) = factors.Activate(used, now);
        return new AccountChange<SecondFactorResult>(
            new SecondFactorResult.Activated(codes),
            stored with
            {
                Account = account,
            },
            AccountEvents.Change(AccountEvents.FactorEnabled, account, actor)
        )
        {
            Factor = new SecondFactorChange(active),
        };
    }

    private static JudgedAttempt Judge(AccountSnapshot found, in PasswordAttempt attempt, SecondFactors factors) =>
        SecondFactorAttempts.Judge(PasswordAttempts.Judge(found.Stored, attempt), found.Factor, found.Stored, attempt, factors);

    private static AccountChange<SecondFactorResult?> Refusal(in JudgedAttempt judged) =>
        new(
            judged.Outcome switch
            {
                AttemptOutcome.Stale => null,
                AttemptOutcome.LockedOut => new SecondFactorResult.LockedOut(judged.RetryAfter),
                _ => SecondFactorResult.Refused.Instance,
            },
            judged.Next,
            judged.Events
        );

    // Null from the decision: somebody changed the password at that moment.
    private async ValueTask<SecondFactorResult> ProveAsync<TState>(
        Guid accountId,
        string password,
        string? code,
        AuditActor actor,
        TState state,
        Func<AccountSnapshot, PasswordAttempt, TState, AccountChange<SecondFactorResult?>> decide,
        CancellationToken ct
    )
    {
        for (var i = 0; i < MaxAttempts; i++)
        {
            if (await store.GetAsync(accountId, ct).ConfigureAwait(false) is not { } stored)
            {
                break;
            }

            var attempt = await TryPasswordAsync(stored, password, code, actor.RequestId, ct).ConfigureAwait(false);
            var result = await ChangeAsync(
                    accountId,
                    false,
                    (decide, attempt, state),
                    static (found, s) => s.decide(found, s.attempt, s.state),
                    ct
                )
                .ConfigureAwait(false);
            if (result is not null)
            {
                return result;
            }
        }

        return SecondFactorResult.Refused.Instance;
    }
}
