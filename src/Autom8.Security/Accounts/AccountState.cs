namespace Autom8.Security.Accounts;

/// <summary>Whether an account may be used.</summary>
public enum AccountState
{
    /// <summary>It may sign in.</summary>
    Active,

    /// <summary>It may not, and its tokens are no longer accepted.</summary>
    Disabled,
}
