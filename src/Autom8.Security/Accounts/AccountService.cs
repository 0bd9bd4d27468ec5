using Autom8.Security.Audit;
using Autom8.Security.Passwords;
using Autom8.Storage;

namespace Autom8.Security.Accounts;

/// <summary>Accounts: signing in, passwords, roles. Every change is recorded in the audit log in the transaction that makes it.</summary>
/// <remarks>
/// <para>Safe for use by any number of threads and nodes on one database.</para>
/// <para>A refused sign-in looks and takes the same whether the name is unknown, the password wrong or the account disabled. The fifth wrong password in a row
/// locks the account for 30 seconds, each further one for twice as long, up to 15 minutes; guesses made at once count as if made one by one.</para>
/// </remarks>
public sealed partial class AccountService
{
    // The hash can change between the reading and the judging of an attempt, when somebody changes it at that moment. Not three times.
    private const int MaxAttempts = 3;

    private readonly IAccountStore store;
    private readonly IAuditLog audit;
    private readonly IPasswordHasher hasher;
    private readonly TimeProvider time;
    private readonly AccountEpochs epochs;
    private readonly SecondFactors factors;

    internal AccountService(IAccountStore store, IAuditLog audit, IPasswordHasher hasher, SecondFactors factors, TimeProvider time)
    {
        this.store = store;
        this.audit = audit;
        this.hasher = hasher;
        this.factors = factors;
        this.time = time;
        epochs = new AccountEpochs(store, time);
    }

    /// <summary>Checks a name and a password.</summary>
    /// <param name="name">The name, in any case and normal form.</param>
    /// <param name="password">The password.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PasswordHashingBusyException">Too many passwords are being checked; try again later.</exception>
    public ValueTask<SignInResult> SignInAsync(string name, string password, CancellationToken ct) =>
        SignInAsync(name, password, requestId: null, ct);

    /// <summary>Checks a name and a password.</summary>
    /// <param name="name">The name, in any case and normal form.</param>
    /// <param name="password">The password.</param>
    /// <param name="requestId">The request, for the audit log.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PasswordHashingBusyException">Too many passwords are being checked; try again later.</exception>
    public ValueTask<SignInResult> SignInAsync(string name, string password, string? requestId, CancellationToken ct) =>
        SignInAsync(name, password, code: null, requestId, ct);

    /// <summary>Checks a name, a password, and for an account that has a second factor a code.</summary>
    /// <param name="name">The name, in any case and normal form.</param>
    /// <param name="password">The password.</param>
    /// <param name="code">The code that the authenticator app shows, or a recovery code; null when none was given. It is looked at only if the password is right.</param>
    /// <param name="requestId">The request, for the audit log.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PasswordHashingBusyException">Too many passwords are being checked; try again later.</exception>
    public async ValueTask<SignInResult> SignInAsync(string name, string password, string? code, string? requestId, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(password);
        for (var i = 0; i < MaxAttempts; i++)
        {
            if (await FindAsync(name, ct).ConfigureAwait(false) is not { } stored)
            {
                break;
            }

            var attempt = await TryPasswordAsync(stored, password, code, requestId, ct).ConfigureAwait(false);
            var rehashed =
                attempt.Verdict == PasswordVerdict.RightButRehash
                    ? await hasher.HashAsync(stored.Account.Id, password, ct).ConfigureAwait(false)
                    : null;
            var result = await store
                .UpdateAsync(
                    stored.Account.Id,
                    false,
                    (attempt, rehashed, factors),
                    static (found, s) => SignIn(found, s.attempt, s.rehashed, s.factors),
                    ct
                )
                .ConfigureAwait(false);
            if (result is not null)
            {
                return result;
            }
        }

        await RefuseUnknownAsync(password, requestId, ct).ConfigureAwait(false);
        return SignInResult.Refused.Instance;
    }

    /// <summary>Replaces a password by one of the user's choice, also a one-time password that must be replaced. All tokens of the account die with the old one.</summary>
    /// <param name="name">The name, in any case and normal form.</param>
    /// <param name="currentPassword">The password in force. A wrong one counts towards the lock-out.</param>
    /// <param name="newPassword">12 to 1024 bytes, not the name and not the current password. See <see cref="PasswordRule"/>.</param>
    /// <param name="actor">Whom the audit log names if the change is made.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PasswordHashingBusyException">Too many passwords are being checked; try again later.</exception>
    public ValueTask<PasswordChangeResult> ChangePasswordAsync(
        string name,
        string currentPassword,
        string newPassword,
        AuditActor actor,
        CancellationToken ct
    ) => ChangePasswordAsync(name, currentPassword, newPassword, code: null, actor, ct);

    /// <summary>Replaces a password by one of the user's choice, also a one-time password that must be replaced. All tokens of the account die with the old one.</summary>
    /// <param name="name">The name, in any case and normal form.</param>
    /// <param name="currentPassword">The password in force. A wrong one counts towards the lock-out.</param>
    /// <param name="newPassword">12 to 1024 bytes, not the name and not the current password. See <see cref="PasswordRule"/>.</param>
    /// <param name="code">A code of the second factor or a recovery code, if the account has one; null when none was given.</param>
    /// <param name="actor">Whom the audit log names if the change is made.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PasswordHashingBusyException">Too many passwords are being checked; try again later.</exception>
    public async ValueTask<PasswordChangeResult> ChangePasswordAsync(
        string name,
        string currentPassword,
        string newPassword,
        string? code,
        AuditActor actor,
        CancellationToken ct
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(currentPassword);
        ArgumentNullException.ThrowIfNull(newPassword);
        if (PasswordPolicy.Violation(newPassword, name, currentPassword) is { } rule)
        {
            return new PasswordChangeResult.Rejected(rule);
        }

        for (var i = 0; i < MaxAttempts; i++)
        {
            if (await FindAsync(name, ct).ConfigureAwait(false) is not { } stored)
            {
                break;
            }

            var attempt = await TryPasswordAsync(stored, currentPassword, code, actor.RequestId, ct).ConfigureAwait(false);
            var hash = attempt.Verdict is PasswordVerdict.Right or PasswordVerdict.RightButRehash
                ? await hasher.HashAsync(stored.Account.Id, newPassword, ct).ConfigureAwait(false)
                : "";
            var result = await ChangeAsync(
                    stored.Account.Id,
                    false,
                    (attempt, hash, actor, factors),
                    static (found, s) => ChangePassword(found, s.attempt, s.hash, s.actor, s.factors),
                    ct
                )
                .ConfigureAwait(false);
            if (result is not null)
            {
                return result;
            }
        }

        await RefuseUnknownAsync(currentPassword, actor.RequestId, ct).ConfigureAwait(false);
        return PasswordChangeResult.Refused.Instance;
    }

    /// <summary>
    /// The epoch that a token of this account must carry, or null when the account is disabled or gone. At most one second old; changes made
    /// through this process are seen at once. While the database does not answer, what it last said holds for half a minute.
    /// </summary>
    /// <exception cref="EpochsUnknownException">The database has not answered for half a minute; or does not answer, and nothing is remembered of the account.</exception>
    public ValueTask<long?> CurrentEpochAsync(Guid accountId, CancellationToken ct) => epochs.CurrentAsync(accountId, ct);

    private static AccountChange<SignInResult?> SignIn(
        AccountSnapshot found,
        in PasswordAttempt attempt,
        string? rehashed,
        SecondFactors factors
    )
    {
        var judged = Judge(found, attempt, factors);
        AccountMeter.Attempted(judged.Outcome);
        if (judged.Outcome != AttemptOutcome.Proved)
        {
            SignInResult? result = judged.Outcome switch
            {
                AttemptOutcome.Stale => null,
                AttemptOutcome.LockedOut => new SignInResult.LockedOut(judged.RetryAfter),
                AttemptOutcome.Expired => SignInResult.PasswordExpired.Instance,
                AttemptOutcome.CodeRequired => SignInResult.SecondFactorRequired.Instance,
                _ => SignInResult.Refused.Instance,
            };
            return new AccountChange<SignInResult?>(result, judged.Next, judged.Events);
        }

        var proved = judged.Next!;
        var next = rehashed is null ? proved : proved with { PasswordHash = rehashed };
        return next.Account.MustChangePassword
            ? new AccountChange<SignInResult?>(
                SignInResult.PasswordChangeRequired.Instance,
                next,
                [.. judged.Events, AccountEvents.RefusedTo(next.Account, AccountEvents.MustChangePassword, attempt.RequestId)]
            )
            {
                Factor = judged.Factor,
            }
            : new AccountChange<SignInResult?>(
                new SignInResult.Success(next.Account),
                next,
                [.. judged.Events, AccountEvents.SignedIn(next.Account, attempt.RequestId)]
            )
            {
                Factor = judged.Factor,
            };
    }

    private static AccountChange<PasswordChangeResult?> ChangePassword(
        AccountSnapshot found,
        in PasswordAttempt attempt,
        string hash,
        AuditActor actor,
        SecondFactors factors
    )
    {
        var judged = Judge(found, attempt, factors);
        AccountMeter.Attempted(judged.Outcome);
        if (judged.Outcome != AttemptOutcome.Proved)
        {
            PasswordChangeResult? result = judged.Outcome switch
            {
                AttemptOutcome.Stale => null,
                AttemptOutcome.LockedOut => new PasswordChangeResult.LockedOut(judged.RetryAfter),
                AttemptOutcome.Expired => PasswordChangeResult.PasswordExpired.Instance,
                AttemptOutcome.CodeRequired => PasswordChangeResult.SecondFactorRequired.Instance,
                _ => PasswordChangeResult.Refused.Instance,
            };
            return new AccountChange<PasswordChangeResult?>(result, judged.Next, judged.Events);
        }

        var account = Renewed(judged.Next!.Account, attempt.At) with { MustChangePassword = false, PasswordExpiresAt = null };
        return new AccountChange<PasswordChangeResult?>(
            new PasswordChangeResult.Changed(account),
            new StoredAccount(account, hash),
            [.. judged.Events, AccountEvents.Change(AccountEvents.PasswordChanged, account, actor)]
        )
        {
            Factor = judged.Factor,
        };
    }

    /// <summary>The account with a new epoch, version and time of change.</summary>
    private static Account Renewed(Account account, DateTimeOffset now) =>
        account with
        {
            Epoch = account.Epoch + 1,
            Version = account.Version + 1,
            UpdatedAt = now,
        };

    private async ValueTask<StoredAccount?> FindAsync(string name, CancellationToken ct) =>
        AccountName.TryParse(name, out var parsed) ? await store.FindAsync(parsed.Key, ct).ConfigureAwait(false) : null;

    private async ValueTask<PasswordAttempt> TryPasswordAsync(
        StoredAccount stored,
        string password,
        string? code,
        string? requestId,
        CancellationToken ct
    )
    {
        // While an account is locked its password is not even looked at, so that a flood of guesses costs little.
        var now = time.GetUtcTimestamp();
        PasswordVerdict? verdict = LockOut.Remaining(stored.Account, now) is null
            ? await hasher.VerifyAsync(stored.Account.Id, stored.PasswordHash, password, ct).ConfigureAwait(false)
            : null;
        return new PasswordAttempt(stored.PasswordHash, verdict, now, requestId, code);
    }

    private async ValueTask RefuseUnknownAsync(string password, string? requestId, CancellationToken ct)
    {
        await hasher.DummyVerifyAsync(password, ct).ConfigureAwait(false);
        AccountMeter.Attempted(AttemptOutcome.Refused);
        await audit.AppendAsync(AccountEvents.Refused(null, AccountEvents.UnknownAccount, requestId), ct).ConfigureAwait(false);
    }

    // Also after a failure: whether the change was committed is then unknown.
    private async ValueTask<T> ChangeAsync<TState, T>(
        Guid id,
        bool guardAdministrators,
        TState state,
        Func<AccountSnapshot, TState, AccountChange<T>> decide,
        CancellationToken ct
    )
    {
        try
        {
            return await store.UpdateAsync(id, guardAdministrators, state, decide, ct).ConfigureAwait(false);
        }
        finally
        {
            epochs.Forget();
        }
    }
}
