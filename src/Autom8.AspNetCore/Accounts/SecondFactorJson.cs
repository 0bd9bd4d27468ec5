namespace Autom8.AspNetCore;

/// <summary>A second factor that is to be set up.</summary>
/// <param name="Password">The account's password.</param>
/// <param name="Algorithm"><c>sha1</c>, which every authenticator app computes, unless <c>sha256</c> is asked for.</param>
public sealed record SecondFactorEnrolRequest(string Password, string Algorithm = "sha1")
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Second factor request";
}

/// <summary>The secret for an authenticator app. It is shown this once.</summary>
/// <param name="Secret">In base32, for typing.</param>
/// <param name="Uri">As an <c>otpauth:</c> URI, for a QR code.</param>
public sealed record SecondFactorEnrolResponse(string Secret, string Uri)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Second factor";
}

/// <summary>The first code of the app.</summary>
/// <param name="Code">Six digits.</param>
public sealed record SecondFactorConfirmRequest(string Code)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Second factor confirmation";
}

/// <summary>The codes for the day the authenticator is lost. They are shown this once.</summary>
/// <param name="RecoveryCodes">Ten, each good once in place of the app's code.</param>
public sealed record SecondFactorConfirmResponse(IReadOnlyList<string> RecoveryCodes)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Recovery codes";
}

/// <summary>Takes a second factor away.</summary>
/// <param name="Password">The account's password.</param>
/// <param name="Code">A code of the app, or a recovery code.</param>
public sealed record SecondFactorDisableRequest(string Password, string Code)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Second factor removal";
}

/// <summary>Whether the account has a second factor.</summary>
/// <param name="Active">Whether a sign-in takes a code.</param>
/// <param name="RecoveryCodesLeft">How many recovery codes have not been used.</param>
public sealed record SecondFactorStatusResponse(bool Active, int RecoveryCodesLeft);
