namespace Autom8.Security.Accounts;

/// <summary>What a key shall be.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Name">1 to 64 characters without control characters.</param>
/// <param name="Roles">One or more of its owner's roles.</param>
/// <param name="Scopes">One or both of <see cref="ApiKeyScopes"/>.</param>
/// <param name="Lifetime">How long it is good for: a minute to five years, or null for no end.</param>
public sealed record ApiKeyRequest(
    ApiKeyKind Kind,
    string Name,
    IReadOnlyCollection<string> Roles,
    IReadOnlyCollection<string> Scopes,
    TimeSpan? Lifetime
);
