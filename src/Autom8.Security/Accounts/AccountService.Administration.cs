using Autom8.Security.Audit;
using Autom8.Security.Passwords;
using Autom8.Storage;

namespace Autom8.Security.Accounts;

/// <content>What administrators do, and the first run.</content>
public sealed partial class AccountService
{
    /// <summary>The name of the account that <see cref="EnsureAdministratorAsync"/> creates.</summary>
    public const string FirstAdministratorName = "admin";

    private const int MaxPage = 500;

    /// <summary>Whether an account may have this name: 1 to 64 letters, digits, <c>.</c>, <c>_</c>, <c>-</c> and <c>@</c>, not <c>system</c> or <c>unknown</c>.</summary>
    public static bool IsValidName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AccountName.TryParse(name, out _);
    }

    /// <summary>Whether two names are the same account's: in any case and normal form.</summary>
    public static bool IsSameName(string one, string other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return AccountName.TryParse(one, out var first) && AccountName.TryParse(other, out var second) && first.Key == second.Key;
    }

    /// <summary>
    /// What attempts to sign in under this name are counted by: the same for every spelling of an account's name, and one for all texts that no account can be named, however
    /// long. At most 192 characters.
    /// </summary>
    public static string LimitKey(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AccountName.TryParse(name, out var parsed) ? parsed.Key : "";
    }

    /// <summary>Creates an account with a one-time password.</summary>
    /// <param name="name">Its name; see <see cref="IsValidName"/>.</param>
    /// <param name="roles">One or more of <see cref="AccountRoles"/>.</param>
    /// <param name="actor">Who creates it.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ArgumentException">The name or a role is not valid.</exception>
    /// <exception cref="AccountConflictException">The name is taken.</exception>
    public async ValueTask<AccountCredential> CreateAsync(
        string name,
        IReadOnlyCollection<string> roles,
        AuditActor actor,
        CancellationToken ct
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!AccountName.TryParse(name, out var parsed))
        {
            throw new ArgumentException(AccountName.Rules, nameof(name));
        }

        return await AddAsync(parsed, AccountRoles.Checked(roles), actor, onlyIfNone: false, ct).ConfigureAwait(false)
            ?? throw new AccountConflictException(AccountConflict.NameTaken);
    }

    /// <summary>
    /// Creates an account that brings its password along from elsewhere, as a hash. The first sign-in hashes the password anew, with Argon2id and the settings in force.
    /// </summary>
    /// <param name="name">Its name; see <see cref="IsValidName"/>.</param>
    /// <param name="roles">One or more of <see cref="AccountRoles"/>.</param>
    /// <param name="passwordHash">See <see cref="IPasswordHasher.Adopt"/>.</param>
    /// <param name="actor">Who creates it.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ArgumentException">The name or a role is not valid.</exception>
    /// <exception cref="PasswordHashException">The hash cannot be computed here; the message names what in it. Create the account with a one-time password instead.</exception>
    /// <exception cref="AccountConflictException">The name is taken.</exception>
    public async ValueTask<Account> ImportAsync(
        string name,
        IReadOnlyCollection<string> roles,
        string passwordHash,
        AuditActor actor,
        CancellationToken ct
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(passwordHash);
        if (!AccountName.TryParse(name, out var parsed))
        {
            throw new ArgumentException(AccountName.Rules, nameof(name));
        }

        var account = New(parsed, AccountRoles.Checked(roles)) with { MustChangePassword = false, PasswordExpiresAt = null };
        var hash = hasher.Adopt(account.Id, passwordHash);
        var entry = AccountEvents.Change(AccountEvents.Imported, account, actor, withRoles: true);
        return await store.AddAsync(new StoredAccount(account, hash), parsed.Key, entry, onlyIfNone: false, ct).ConfigureAwait(false)
            ? account
            : throw new AccountConflictException(AccountConflict.NameTaken);
    }

    /// <summary>
    /// Creates the account <see cref="FirstAdministratorName"/> if there is no account at all. However many nodes and threads call this at once, exactly one is
    /// handed the one-time password; all others, and everyone later, get null.
    /// </summary>
    public async ValueTask<AccountCredential?> EnsureAdministratorAsync(CancellationToken ct)
    {
        // Spares every later start the hash.
        if ((await store.ListAsync(null, 1, ct).ConfigureAwait(false)).Count > 0)
        {
            return null;
        }

        _ = AccountName.TryParse(FirstAdministratorName, out var name);
        return await AddAsync(name, [AccountRoles.Administrator], AuditActor.System, onlyIfNone: true, ct).ConfigureAwait(false);
    }

    /// <summary>Reads an account, or null.</summary>
    public async ValueTask<Account?> GetAsync(Guid accountId, CancellationToken ct) =>
        (await store.GetAsync(accountId, ct).ConfigureAwait(false))?.Account;

    /// <summary>Reads a page of accounts in the order of their names.</summary>
    /// <param name="cursor">The <see cref="AccountPage.NextCursor"/> of the page before, or null for the first.</param>
    /// <param name="limit">How many at most: 1 to 500.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ArgumentException">The limit is out of range, or the cursor is none.</exception>
    public async ValueTask<AccountPage> ListAsync(string? cursor, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        var after = KeyOf(cursor);
        if (cursor is not null && after is null)
        {
            throw new ArgumentException("This is no cursor of a page of accounts.", nameof(cursor));
        }

        // One more than asked for tells whether there is a next page.
        var accounts = await store.ListAsync(after, limit + 1, ct).ConfigureAwait(false);
        return accounts.Count > limit
            ? new AccountPage([.. accounts.Take(limit)], KeyOf(accounts[limit - 1].Name))
            : new AccountPage(accounts, null);
    }

    /// <summary>Gives an account other roles. Its tokens die.</summary>
    /// <returns>The account, or null when there is none. Nothing changes when it has these roles already.</returns>
    /// <exception cref="ArgumentException">No role is given, or one that there is not.</exception>
    /// <exception cref="AccountConflictException">It is the last active administrator and would no longer be.</exception>
    public ValueTask<Account?> SetRolesAsync(Guid accountId, IReadOnlyCollection<string> roles, AuditActor actor, CancellationToken ct) =>
        ChangeAsync(
            accountId,
            guardAdministrators: true,
            (roles: AccountRoles.Checked(roles), actor, now: time.GetUtcTimestamp()),
            static (found, s) =>
                found.Stored is not { Account: var account } stored ? new AccountChange<Account?>(null, null)
                : account.Roles.SequenceEqual(s.roles, StringComparer.Ordinal) ? new AccountChange<Account?>(account, null)
                : Become(found, stored, Renewed(account, s.now) with { Roles = s.roles }, AccountEvents.RolesChanged, s.actor),
            ct
        );

    /// <summary>Disables an account: it cannot sign in, and its tokens die.</summary>
    /// <returns>The account, or null when there is none. Nothing changes when it is disabled already.</returns>
    /// <exception cref="AccountConflictException">It is the last active administrator.</exception>
    public ValueTask<Account?> DisableAsync(Guid accountId, AuditActor actor, CancellationToken ct) =>
        SetStateAsync(accountId, AccountState.Disabled, AccountEvents.Disabled, actor, ct);

    /// <summary>Enables an account that was disabled. Tokens from before stay dead.</summary>
    /// <returns>The account, or null when there is none. Nothing changes when it is active already.</returns>
    public ValueTask<Account?> EnableAsync(Guid accountId, AuditActor actor, CancellationToken ct) =>
        SetStateAsync(accountId, AccountState.Active, AccountEvents.Enabled, actor, ct);

    /// <summary>
    /// Ends everything that an account is signed in with: its access tokens and all its refresh tokens, since both are bound to the epoch. API keys and app
    /// passwords stay; they are revoked one by one.
    /// </summary>
    /// <returns>The account, or null when there is none.</returns>
    public ValueTask<Account?> SignOutEverywhereAsync(Guid accountId, AuditActor actor, CancellationToken ct) =>
        ChangeAsync(
            accountId,
            guardAdministrators: false,
            (actor, now: time.GetUtcTimestamp()),
            static (found, s) =>
            {
                if (found.Stored is not { } stored)
                {
                    return new AccountChange<Account?>(null, null);
                }

                var account = Renewed(stored.Account, s.now);
                return new AccountChange<Account?>(
                    account,
                    stored with
                    {
                        Account = account,
                    },
                    AccountEvents.Change(AccountEvents.SignedOutEverywhere, account, s.actor)
                );
            },
            ct
        );

    /// <summary>Gives an account a new one-time password, ends a lock-out, removes a second factor and enables it: for who has lost all of them. Its tokens die.</summary>
    /// <returns>The account and its password, or null when there is no such account.</returns>
    public async ValueTask<AccountCredential?> ResetPasswordAsync(string name, AuditActor actor, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (await FindAsync(name, ct).ConfigureAwait(false) is not { Account.Id: var id })
        {
            return null;
        }

        var password = PasswordPolicy.GenerateOneTime();
        var hash = await hasher.HashAsync(id, password, ct).ConfigureAwait(false);
        var account = await ChangeAsync(
                id,
                guardAdministrators: false,
                (hash, actor, now: time.GetUtcTimestamp()),
                static (found, s) => Reset(found, s.hash, s.actor, s.now),
                ct
            )
            .ConfigureAwait(false);
        return account is null ? null : new AccountCredential(account, password);
    }

    private static AccountChange<Account?> Reset(AccountSnapshot found, string hash, AuditActor actor, DateTimeOffset now)
    {
        if (found.Stored is not { Account: var before })
        {
            return new AccountChange<Account?>(null, null);
        }

        var account = Renewed(before, now) with
        {
            State = AccountState.Active,
            MustChangePassword = true,
            PasswordExpiresAt = now + AccountCredential.Lifetime,
            FailedAttempts = 0,
            LockedUntil = null,
        };
        var reset = AccountEvents.Change(AccountEvents.PasswordReset, account, actor);
        return found.Factor is null
            ? new AccountChange<Account?>(account, new StoredAccount(account, hash), reset)
            : new AccountChange<Account?>(
                account,
                new StoredAccount(account, hash),
                reset,
                AccountEvents.Change(AccountEvents.FactorDisabled, account, actor)
            )
            {
                Factor = new SecondFactorChange(null),
            };
    }

    private static AccountChange<Account?> Become(
        AccountSnapshot found,
        StoredAccount before,
        Account after,
        string action,
        AuditActor actor
    ) =>
        before.Account.IsActiveAdministrator && !after.IsActiveAdministrator && !found.HasOtherAdministrator
            ? throw new AccountConflictException(AccountConflict.LastAdministrator)
            : new AccountChange<Account?>(
                after,
                before with
                {
                    Account = after,
                },
                AccountEvents.Change(action, after, actor, withRoles: action == AccountEvents.RolesChanged)
            );

    private static string? KeyOf(string? name) => name is not null && AccountName.TryParse(name, out var parsed) ? parsed.Key : null;

    private ValueTask<Account?> SetStateAsync(Guid id, AccountState state, string action, AuditActor actor, CancellationToken ct) =>
        ChangeAsync(
            id,
            guardAdministrators: true,
            (state, action, actor, now: time.GetUtcTimestamp()),
            static (found, s) =>
                found.Stored is not { Account: var account } stored ? new AccountChange<Account?>(null, null)
                : account.State == s.state ? new AccountChange<Account?>(account, null)
                : Become(found, stored, Renewed(account, s.now) with { State = s.state }, s.action, s.actor),
            ct
        );

    // Its password is not made yet.
    private Account New(AccountName name, string[] roles)
    {
        var now = time.GetUtcTimestamp();
        return new Account(
            Guid.CreateVersion7(now),
            name.Text,
            roles,
            AccountState.Active,
            MustChangePassword: true,
            now + AccountCredential.Lifetime,
            Epoch: 1,
            FailedAttempts: 0,
            LockedUntil: null,
            Version: 1,
            now,
            now
        );
    }

    private async ValueTask<AccountCredential?> AddAsync(
        AccountName name,
        string[] roles,
        AuditActor actor,
        bool onlyIfNone,
        CancellationToken ct
    )
    {
        var account = New(name, roles);
        var password = PasswordPolicy.GenerateOneTime();
        var hash = await hasher.HashAsync(account.Id, password, ct).ConfigureAwait(false);
        var entry = AccountEvents.Change(AccountEvents.Created, account, actor, withRoles: true);
        return await store.AddAsync(new StoredAccount(account, hash), name.Key, entry, onlyIfNone, ct).ConfigureAwait(false)
            ? new AccountCredential(account, password)
            : null;
    }
}
