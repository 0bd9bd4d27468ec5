namespace Autom8.Security.Accounts;

/// <summary>What became of a refresh token that was presented: one of the nested types.</summary>
public abstract record RefreshResult
{
    private RefreshResult() { }

    /// <summary>It was good, and has been used up: the next one is this.</summary>
    /// <param name="Token">Its successor.</param>
    /// <param name="Account">The account, to issue an access token for.</param>
    public sealed record Rotated(RefreshToken Token, Account Account) : RefreshResult;

    /// <summary>It had been used a moment ago: the successor is the one that was handed out then.</summary>
    /// <param name="Token">Its successor.</param>
    /// <param name="Account">The account, to issue an access token for.</param>
    public sealed record SameSuccessor(RefreshToken Token, Account Account) : RefreshResult;

    /// <summary>
    /// It had been used before, longer ago than the grace: two have the token, and nobody can tell which of them is the user. The family was revoked: all of the
    /// sign-in's refresh tokens are dead.
    /// </summary>
    /// <param name="AccountId">Whose it is.</param>
    public sealed record ReuseDetected(Guid AccountId) : RefreshResult;

    /// <summary>It was not used in time, or the sign-in has reached its end.</summary>
    public sealed record Expired : RefreshResult
    {
        internal static readonly Expired Instance = new();
    }

    /// <summary>Its family was revoked, or the account has been disabled or has changed its password, roles or second factor since.</summary>
    public sealed record Revoked : RefreshResult
    {
        internal static readonly Revoked Instance = new();
    }

    /// <summary>Not a refresh token of this service, or one that has ended long ago.</summary>
    public sealed record Unknown : RefreshResult
    {
        internal static readonly Unknown Instance = new();
    }
}
