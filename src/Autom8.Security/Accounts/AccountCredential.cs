namespace Autom8.Security.Accounts;

/// <summary>
/// An account and the one-time password that was just made for it. This is the only copy of the password: hand it over and forget it.
/// It must be changed at first use, within <see cref="Lifetime"/>.
/// </summary>
public sealed class AccountCredential
{
    internal AccountCredential(Account account, string oneTimePassword)
    {
        Account = account;
        OneTimePassword = oneTimePassword;
    }

    /// <summary>How long a one-time password is accepted: 24 hours.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(24);

    /// <summary>The account.</summary>
    public Account Account { get; }

    /// <summary>Its password, seven groups of four letters and digits that are not mistaken for one another: 138 bits.</summary>
    public string OneTimePassword { get; }

    /// <summary>Names the account; never shows the password.</summary>
    public override string ToString() => $"One-time password of {Account.Name}";
}
