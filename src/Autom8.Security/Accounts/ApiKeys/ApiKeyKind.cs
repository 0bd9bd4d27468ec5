namespace Autom8.Security.Accounts;

/// <summary>What a key is for.</summary>
public enum ApiKeyKind
{
    /// <summary>A program: sent as it is, prefix <c>a8k_</c>.</summary>
    ApiKey,

    /// <summary>A device whose software asks for a name and a password: sent in place of the password, prefix <c>a8p_</c>.</summary>
    AppPassword,
}
