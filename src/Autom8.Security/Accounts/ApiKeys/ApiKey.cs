namespace Autom8.Security.Accounts;

/// <summary>A key of an account, without its secret.</summary>
/// <param name="Id">Its UUIDv7.</param>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Roles">What it may at most: it has those of them that its owner has.</param>
/// <param name="Scopes">One or both of <see cref="ApiKeyScopes"/>.</param>
/// <param name="CreatedAt">When it was made, in UTC.</param>
/// <param name="ExpiresAt">When it ends, or null.</param>
/// <param name="LastUsedAt">When it was used last, to about a minute, or null.</param>
public sealed record ApiKey(
    Guid Id,
    Guid AccountId,
    ApiKeyKind Kind,
    string Name,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt
);
