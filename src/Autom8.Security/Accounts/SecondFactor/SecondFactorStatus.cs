namespace Autom8.Security.Accounts;

/// <summary>Whether an account has a second factor.</summary>
/// <param name="IsActive">Whether a sign-in takes a code.</param>
/// <param name="RecoveryCodesLeft">How many recovery codes have not been used.</param>
public sealed record SecondFactorStatus(bool IsActive, int RecoveryCodesLeft);
