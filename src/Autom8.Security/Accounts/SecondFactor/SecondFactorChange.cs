namespace Autom8.Security.Accounts;

/// <summary>What shall become of an account's second factor: this, or nothing at all.</summary>
internal readonly record struct SecondFactorChange(StoredSecondFactor? Next);
