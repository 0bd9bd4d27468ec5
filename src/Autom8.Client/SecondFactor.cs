namespace Autom8.Client;

/// <summary>The secret for an authenticator app, told this once.</summary>
/// <param name="Secret">In base32, for typing.</param>
/// <param name="Uri">As an <c>otpauth:</c> URI, for a QR code.</param>
public sealed record SecondFactorSecret(string Secret, string Uri)
{
    /// <summary>Says what it is, never what it holds.</summary>
    public override string ToString() => "Second factor";
}

/// <summary>Whether the account has a second factor.</summary>
/// <param name="Active">Whether a sign-in takes a code.</param>
/// <param name="RecoveryCodesLeft">How many recovery codes have not been used.</param>
public sealed record SecondFactorStatus(bool Active, int RecoveryCodesLeft);

internal sealed record SecondFactorEnrol(string Password, string Algorithm);

internal sealed record SecondFactorCode(string Code);

internal sealed record SecondFactorDisable(string Password, string Code);

internal sealed record RecoveryCodes(
    [property: System.Text.Json.Serialization.JsonPropertyName("recoveryCodes")] IReadOnlyList<string> Codes
);
