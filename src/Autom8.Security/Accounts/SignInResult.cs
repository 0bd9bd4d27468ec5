namespace Autom8.Security.Accounts;

/// <summary>How a sign-in ended: one of the nested types.</summary>
public abstract record SignInResult
{
    private SignInResult() { }

    /// <summary>The password is right and the account may be used.</summary>
    /// <param name="Account">The account, to issue a token for.</param>
    public sealed record Success(Account Account) : SignInResult;

    /// <summary>The name is unknown, the password wrong, or the account disabled. Which, the caller is not told.</summary>
    public sealed record Refused : SignInResult
    {
        internal static readonly Refused Instance = new();
    }

    /// <summary>Too many wrong passwords; none is looked at until the time has passed.</summary>
    /// <param name="RetryAfter">How long to wait. It tells that the account exists: a public host answers as to too many requests from anyone.</param>
    public sealed record LockedOut(TimeSpan RetryAfter) : SignInResult;

    /// <summary>The one-time password is right. Nothing but a change of password can be done with it.</summary>
    public sealed record PasswordChangeRequired : SignInResult
    {
        internal static readonly PasswordChangeRequired Instance = new();
    }

    /// <summary>The password is right, and the account has a second factor: sign in again with a code.</summary>
    public sealed record SecondFactorRequired : SignInResult
    {
        internal static readonly SecondFactorRequired Instance = new();
    }

    /// <summary>The one-time password is right but was not used in time. An administrator makes a new one.</summary>
    public sealed record PasswordExpired : SignInResult
    {
        internal static readonly PasswordExpired Instance = new();
    }
}
