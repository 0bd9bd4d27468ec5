namespace Autom8.Security.Accounts;

/// <summary>How a change of password ended: one of the nested types.</summary>
public abstract record PasswordChangeResult
{
    private PasswordChangeResult() { }

    /// <summary>The new password is in force; every token issued before is dead.</summary>
    /// <param name="Account">The account as it now is.</param>
    public sealed record Changed(Account Account) : PasswordChangeResult;

    /// <summary>The name is unknown, the current password wrong, or the account disabled. Counts like a refused sign-in.</summary>
    public sealed record Refused : PasswordChangeResult
    {
        internal static readonly Refused Instance = new();
    }

    /// <summary>Too many wrong passwords; none is looked at until the time has passed.</summary>
    /// <param name="RetryAfter">How long to wait.</param>
    public sealed record LockedOut(TimeSpan RetryAfter) : PasswordChangeResult;

    /// <summary>The current password is a one-time password that was not used in time.</summary>
    public sealed record PasswordExpired : PasswordChangeResult
    {
        internal static readonly PasswordExpired Instance = new();
    }

    /// <summary>The current password is right, and the account has a second factor: a code is needed too.</summary>
    public sealed record SecondFactorRequired : PasswordChangeResult
    {
        internal static readonly SecondFactorRequired Instance = new();
    }

    /// <summary>The new password is not accepted. Nothing was tried with the current one.</summary>
    /// <param name="Rule">What is wrong with it.</param>
    public sealed record Rejected(PasswordRule Rule) : PasswordChangeResult;
}

/// <summary>What a new password must keep. Length is that of its NFC form in UTF-8.</summary>
public enum PasswordRule
{
    /// <summary>It has fewer than 12 bytes.</summary>
    TooShort,

    /// <summary>It has more than 1024 bytes.</summary>
    TooLong,

    /// <summary>It has control characters, or is not well-formed Unicode.</summary>
    Malformed,

    /// <summary>It is the account's name.</summary>
    SameAsName,

    /// <summary>It is the current password.</summary>
    SameAsCurrent,
}
