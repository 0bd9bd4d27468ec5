namespace Autom8.Security.Accounts;

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
