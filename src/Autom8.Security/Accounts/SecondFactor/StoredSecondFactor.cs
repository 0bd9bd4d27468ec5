namespace Autom8.Security.Accounts;

/// <summary>A second factor as it is stored.</summary>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Secret">The secret of the codes, encrypted and bound to the account.</param>
/// <param name="Algorithm">The hash of the codes.</param>
/// <param name="Active">Whether a sign-in takes a code: once a first code has proved that the user's app has the secret.</param>
/// <param name="LastStep">The step of the last code that was accepted.</param>
/// <param name="Recovery">The hashes of the recovery codes that are left, encrypted and bound to the account.</param>
/// <param name="CreatedAt">When it was enrolled.</param>
/// <param name="ConfirmedAt">When it became active.</param>
internal sealed record StoredSecondFactor(
    Guid AccountId,
    string Secret,
    TotpAlgorithm Algorithm,
    bool Active,
    long LastStep,
    string Recovery,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ConfirmedAt
)
{
    public const string Columns = "account_id, secret, algorithm, active, last_step, recovery, created_at, confirmed_at";

    public static string Write(TotpAlgorithm algorithm) => algorithm == TotpAlgorithm.Sha256 ? "sha256" : "sha1";

    public static TotpAlgorithm ReadAlgorithm(string text) => text == "sha256" ? TotpAlgorithm.Sha256 : TotpAlgorithm.Sha1;

    public override string ToString() => $"second factor of {AccountId}";
}
