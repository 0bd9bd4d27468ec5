namespace Autom8.Security.Accounts;

/// <summary>Someone who may sign in. Its password is not part of it.</summary>
/// <param name="Id">Its UUIDv7: the subject of its tokens.</param>
/// <param name="Name">The login name as it was first written. Names are compared without regard to case.</param>
/// <param name="Roles">One or more of <see cref="AccountRoles"/>, sorted.</param>
/// <param name="State">Whether it may be used.</param>
/// <param name="MustChangePassword">Its password is a one-time password: good for choosing another, not for signing in.</param>
/// <param name="PasswordExpiresAt">When a one-time password ceases to be accepted; null for a password that was chosen.</param>
/// <param name="Epoch">Rises with every change of password, roles or state. A token carries the epoch it was issued under and dies with it.</param>
/// <param name="FailedAttempts">Wrong passwords in a row.</param>
/// <param name="LockedUntil">Until when no password is accepted; null or past if it is.</param>
/// <param name="Version">Rises with every change but sign-ins and failed attempts.</param>
/// <param name="CreatedAt">When it was made, in UTC.</param>
/// <param name="UpdatedAt">When it was changed last, sign-ins and failed attempts apart, in UTC.</param>
public sealed record Account(
    Guid Id,
    string Name,
    IReadOnlyList<string> Roles,
    AccountState State,
    bool MustChangePassword,
    DateTimeOffset? PasswordExpiresAt,
    long Epoch,
    int FailedAttempts,
    DateTimeOffset? LockedUntil,
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt
)
{
    internal bool IsActiveAdministrator =>
        State == AccountState.Active && Roles.Contains(AccountRoles.Administrator, StringComparer.Ordinal);
}

/// <summary>A page of accounts.</summary>
/// <param name="Accounts">The accounts, by name.</param>
/// <param name="NextCursor">Hand this to the next call; null on the last page.</param>
public sealed record AccountPage(IReadOnlyList<Account> Accounts, string? NextCursor);
