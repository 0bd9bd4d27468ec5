namespace Autom8.Security.Accounts;

/// <summary>What a key is for.</summary>
public enum ApiKeyKind
{
    /// <summary>A program: sent as it is, prefix <c>a8k_</c>.</summary>
    ApiKey,

    /// <summary>A device whose software asks for a name and a password: sent in place of the password, prefix <c>a8p_</c>.</summary>
    AppPassword,
}

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

/// <summary>What a key may do with its roles.</summary>
public static class ApiKeyScopes
{
    /// <summary>Ask.</summary>
    public const string Read = "read";

    /// <summary>Change.</summary>
    public const string Write = "write";

    /// <summary>Every scope there is.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Write];
}

/// <summary>A key that was just made. This is the only copy of its secret: hand it over and forget it.</summary>
public sealed class NewApiKey
{
    internal NewApiKey(ApiKey key, string secret) => (Key, Secret) = (key, secret);

    /// <summary>The key.</summary>
    public ApiKey Key { get; }

    /// <summary>What the program or device sends: a prefix, 256 random bits and a checksum, 52 characters.</summary>
    public string Secret { get; }

    /// <summary>Names the key; never shows its secret.</summary>
    public override string ToString() => $"New key '{Key.Name}'";
}

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

/// <summary>Whom a key speaks for, and what it may do now.</summary>
/// <param name="KeyId">The key's id.</param>
/// <param name="Kind">What the key is for.</param>
/// <param name="Account">Its owner, as it was at most a second ago.</param>
/// <param name="Roles">Those of the key's roles that the owner has.</param>
/// <param name="Scopes">What it may do with them.</param>
public sealed record ApiKeyIdentity(Guid KeyId, ApiKeyKind Kind, Account Account, IReadOnlyList<string> Roles, IReadOnlyList<string> Scopes)
{
    /// <summary>Whether it may change anything.</summary>
    public bool CanWrite => Scopes.Contains(ApiKeyScopes.Write, StringComparer.Ordinal);
}
