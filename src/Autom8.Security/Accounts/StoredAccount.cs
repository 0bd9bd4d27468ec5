using Autom8.Security.Audit;

namespace Autom8.Security.Accounts;

/// <summary>An account with its password hash, as the hasher wrote it.</summary>
internal sealed record StoredAccount(Account Account, string PasswordHash);

/// <summary>An account as a decision about it finds it, locked against others.</summary>
/// <param name="Stored">The account, or null when there is none.</param>
/// <param name="HasOtherAdministrator">Whether another account is an active administrator; only told to decisions that ask.</param>
/// <param name="Factor">Its second factor, in force or not yet, or null.</param>
internal readonly record struct AccountSnapshot(StoredAccount? Stored, bool HasOtherAdministrator, StoredSecondFactor? Factor = null);

/// <summary>What was decided about an account: the row as it shall be, or null to leave it; and what shall be recorded in the same transaction.</summary>
internal sealed record AccountChange<T>(T Result, StoredAccount? Next, params IReadOnlyList<AuditEntry> Events)
{
    /// <summary>What shall become of the second factor, or null to leave it.</summary>
    public SecondFactorChange? Factor { get; init; }
}
