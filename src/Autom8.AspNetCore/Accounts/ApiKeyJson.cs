using Autom8.Security.Accounts;

namespace Autom8.AspNetCore;

/// <summary>A key that is to be made.</summary>
/// <param name="Name">What it shall be called: 1 to 64 characters.</param>
/// <param name="Roles">What it may do: one or more of the account's roles. All of them when left out.</param>
/// <param name="Scopes"><c>read</c>, <c>write</c> or both. Only <c>read</c> when left out.</param>
/// <param name="ExpiresInDays">How long it is good for: 1 to 1826 days. Without end when left out.</param>
/// <param name="AppPassword">True for an app password: for a device that asks for a name and a password (Basic), instead of a program's key.</param>
public sealed record ApiKeyCreateRequest(
    string Name,
    IReadOnlyList<string>? Roles = null,
    IReadOnlyList<string>? Scopes = null,
    int? ExpiresInDays = null,
    bool AppPassword = false
);

/// <summary>A key, without its secret.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="AppPassword">Whether it is an app password.</param>
/// <param name="Roles">What it may at most.</param>
/// <param name="Scopes"><c>read</c>, <c>write</c> or both.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends; left out if it does not.</param>
/// <param name="LastUsedAt">When it was used last, to about a minute; left out if it never was.</param>
public sealed record ApiKeyResponse(
    Guid Id,
    string Name,
    bool AppPassword,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt
)
{
    internal static ApiKeyResponse From(ApiKey key) =>
        new(key.Id, key.Name, key.Kind == ApiKeyKind.AppPassword, key.Roles, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt);
}

/// <summary>A key that was made. Its secret is shown this once.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">What to send as <c>X-Api-Key</c>, or as the password of Basic.</param>
public sealed record NewApiKeyResponse(ApiKeyResponse Key, string Secret)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "New API key";
}

/// <summary>The keys of an account.</summary>
/// <param name="Items">The keys, the oldest first.</param>
public sealed record ApiKeyListResponse(IReadOnlyList<ApiKeyResponse> Items);
