namespace Autom8.Security.Accounts;

/// <summary>How a change of a second factor ended: one of the nested types.</summary>
public abstract record SecondFactorResult
{
    private SecondFactorResult() { }

    /// <summary>The secret is made; nothing asks for codes until one has proved that the app has it. This is the only copy.</summary>
    /// <param name="Secret">The secret in base32, for typing.</param>
    /// <param name="Uri">The same as an <c>otpauth:</c> URI, for a QR code.</param>
    public sealed record Enrolled(string Secret, string Uri) : SecondFactorResult
    {
        /// <summary>Says what it is, never what it holds.</summary>
        public override string ToString() => "Enrolled second factor";
    }

    /// <summary>The factor is in force, and every token from before is dead.</summary>
    /// <param name="RecoveryCodes">Ten codes, each good once in place of the app's. This is the only copy.</param>
    public sealed record Activated(IReadOnlyList<string> RecoveryCodes) : SecondFactorResult
    {
        /// <summary>Says what it is, never what it holds.</summary>
        public override string ToString() => "Activated second factor";
    }

    /// <summary>There is no second factor any more, and every token from before is dead.</summary>
    public sealed record Disabled : SecondFactorResult
    {
        internal static readonly Disabled Instance = new();
    }

    /// <summary>The password or the code is wrong, or the code was used before. It counts as a wrong password does.</summary>
    public sealed record Refused : SecondFactorResult
    {
        internal static readonly Refused Instance = new();
    }

    /// <summary>Too many wrong passwords and codes; none is looked at until the time has passed.</summary>
    /// <param name="RetryAfter">How long to wait.</param>
    public sealed record LockedOut(TimeSpan RetryAfter) : SecondFactorResult;

    /// <summary>The account has a second factor in force: disable that first.</summary>
    public sealed record AlreadyActive : SecondFactorResult
    {
        internal static readonly AlreadyActive Instance = new();
    }

    /// <summary>There is nothing to confirm or to disable.</summary>
    public sealed record NotEnrolled : SecondFactorResult
    {
        internal static readonly NotEnrolled Instance = new();
    }
}
