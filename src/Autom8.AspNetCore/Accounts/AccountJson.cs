using Autom8.Security.Accounts;

namespace Autom8.AspNetCore;

/// <summary>A sign-in.</summary>
/// <param name="Name">The account's name.</param>
/// <param name="Password">Its password.</param>
/// <param name="Code">A code of its second factor, or a recovery code, if it has one.</param>
public sealed record LoginRequest(string Name, string Password, string? Code = null)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Login request";
}

/// <summary>A signed-in account's access token.</summary>
/// <param name="AccessToken">To be sent as <c>Authorization: Bearer …</c>.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds until it expires.</param>
/// <param name="Roles">What the account may do.</param>
/// <param name="RefreshToken">Good for one use at <c>/auth/refresh</c>, which answers with the next one.</param>
/// <param name="RefreshExpiresIn">Seconds until it expires, unless it is used.</param>
public sealed record LoginResponse(
    string AccessToken,
    string TokenType,
    long ExpiresIn,
    IReadOnlyList<string> Roles,
    string RefreshToken,
    long RefreshExpiresIn
)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Login response";
}

/// <summary>A change of an account's own password. It needs no token, so that a one-time password can be changed at its first use.</summary>
/// <param name="Name">The account's name.</param>
/// <param name="CurrentPassword">The password it has, or its one-time password.</param>
/// <param name="NewPassword">The new one: 12 to 1,024 bytes.</param>
/// <param name="Code">A code of its second factor, or a recovery code, if it has one.</param>
public sealed record PasswordRequest(string Name, string CurrentPassword, string NewPassword, string? Code = null)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Password request";
}

/// <summary>A new account.</summary>
/// <param name="Name">Its name: 1 to 64 letters, digits and <c>. _ - @</c>.</param>
/// <param name="Roles">What it may do: <c>viewer</c>, <c>editor</c>, <c>administrator</c>.</param>
public sealed record AccountRequest(string Name, IReadOnlyList<string> Roles);

/// <summary>An account.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Active">False when it is disabled.</param>
/// <param name="MustChangePassword">True while it has a one-time password.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record AccountResponse(
    Guid Id,
    string Name,
    IReadOnlyList<string> Roles,
    bool Active,
    bool MustChangePassword,
    DateTimeOffset CreatedAt
)
{
    internal static AccountResponse From(Account account) =>
        new(account.Id, account.Name, account.Roles, account.State == AccountState.Active, account.MustChangePassword, account.CreatedAt);
}

/// <summary>An account that was given a one-time password. It is shown this once.</summary>
/// <param name="Account">The account.</param>
/// <param name="OneTimePassword">Expires after a day, and must be changed at the first sign-in.</param>
/// <param name="ExpiresAt">When it expires.</param>
public sealed record NewAccountResponse(AccountResponse Account, string OneTimePassword, DateTimeOffset ExpiresAt)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "New account";
}

/// <summary>A page of accounts by name.</summary>
/// <param name="Items">The accounts.</param>
/// <param name="NextCursor">What to send as <c>cursor</c> for the next page; null after the last.</param>
public sealed record AccountListResponse(IReadOnlyList<AccountResponse> Items, string? NextCursor);

/// <summary>Who is signed in.</summary>
/// <param name="Id">The account's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Roles">What it may do.</param>
public sealed record MeResponse(string Id, string Name, IReadOnlyList<string> Roles);
