using Autom8.Security.Audit;

namespace Autom8.Security.Accounts;

/// <summary>Keeps accounts. Safe for use by any number of threads and nodes.</summary>
internal interface IAccountStore : IEpochSource
{
    /// <summary>Finds an account by the caseless form of its name.</summary>
    ValueTask<StoredAccount?> FindAsync(string nameKey, CancellationToken ct);

    ValueTask<StoredAccount?> GetAsync(Guid id, CancellationToken ct);

    /// <summary>Reads accounts in the order of the caseless form of their names.</summary>
    ValueTask<IReadOnlyList<Account>> ListAsync(string? afterNameKey, int limit, CancellationToken ct);

    /// <summary>The second factor of an account, in force or not yet, or null. It changes by <see cref="UpdateAsync"/>.</summary>
    ValueTask<StoredSecondFactor?> GetSecondFactorAsync(Guid accountId, CancellationToken ct);

    /// <summary>The secrets of a column that another key than the one in force encrypted, in the order of their accounts.</summary>
    ValueTask<IReadOnlyList<(Guid AccountId, string Secret)>> ListSecretsAsync(
        AccountSecretColumn column,
        string currentPrefix,
        Guid after,
        int limit,
        CancellationToken ct
    );

    /// <summary>Replaces a secret if it is still as it was read.</summary>
    ValueTask<bool> ReplaceSecretAsync(AccountSecretColumn column, Guid accountId, string before, string after, CancellationToken ct);

    /// <summary>Counts the secrets of a column by what they begin with: format and key.</summary>
    ValueTask<IReadOnlyList<(string Prefix, long Rows)>> CountSecretsAsync(AccountSecretColumn column, CancellationToken ct);

    /// <summary>Adds an account and its audit entry.</summary>
    /// <param name="account">The new account.</param>
    /// <param name="nameKey">The caseless form of its name.</param>
    /// <param name="entry">Recorded if, and only if, the account is added.</param>
    /// <param name="onlyIfNone">Adds it only if there is no account at all.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>False when the name is taken, or when there is an account and there must be none.</returns>
    ValueTask<bool> AddAsync(StoredAccount account, string nameKey, AuditEntry entry, bool onlyIfNone, CancellationToken ct);

    /// <summary>Decides about an account and writes what was decided, in one transaction that others who want to change it wait for.</summary>
    /// <param name="id">The account.</param>
    /// <param name="guardAdministrators">Whether the decision needs to know of other administrators: then such decisions wait for one another.</param>
    /// <param name="state">Handed to <paramref name="decide"/>.</param>
    /// <param name="decide">A pure function: it may run and come to nothing.</param>
    /// <param name="ct">Cancels.</param>
    ValueTask<T> UpdateAsync<TState, T>(
        Guid id,
        bool guardAdministrators,
        TState state,
        Func<AccountSnapshot, TState, AccountChange<T>> decide,
        CancellationToken ct
    );
}
