namespace Autom8.Security.Accounts;

/// <summary>A refresh token that was just made. This is the only copy of it: hand it over and forget it.</summary>
/// <param name="Token">The token: a credential, not to be logged.</param>
/// <param name="ExpiresAt">When it ends if it is not used before, in UTC.</param>
public readonly record struct RefreshToken(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Says when it ends; never shows it.</summary>
    public override string ToString() => $"refresh token until {ExpiresAt:O}";
}
