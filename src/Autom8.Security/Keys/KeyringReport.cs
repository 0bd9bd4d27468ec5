namespace Autom8.Security.Keys;

/// <summary>A key and who needs it. Never its material.</summary>
/// <param name="Key">The key.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="State">Where it stands in its life.</param>
/// <param name="CreatedAt">When it was made (UTC).</param>
/// <param name="ActivatesAt">When it became active, or is to (UTC).</param>
/// <param name="SupersededAt">When another took its place (UTC).</param>
/// <param name="Uses">Which tables need it, and by how many rows.</param>
public sealed record KeyStatus(
    KeyId Key,
    KeyPurpose Purpose,
    KeyState State,
    DateTimeOffset CreatedAt,
    DateTimeOffset ActivatesAt,
    DateTimeOffset? SupersededAt,
    IReadOnlyList<KeyUse> Uses
);

/// <summary>Every key of a keyring, and what rows need.</summary>
/// <param name="KeyringId">The keyring.</param>
/// <param name="Keys">Its keys in every state, by purpose and then by age.</param>
/// <param name="Lost">Rows that need a key which the keyring does not have, or no longer has the material of.</param>
public sealed record KeyringReport(string KeyringId, IReadOnlyList<KeyStatus> Keys, IReadOnlyList<KeyUse> Lost)
{
    /// <summary>Keys that rows still need although they are no longer active: VerifyOnly ones, and Retired ones, with which those rows cannot be read.</summary>
    public IEnumerable<KeyStatus> OldButNeeded =>
        Keys.Where(key => key is { State: KeyState.VerifyOnly or KeyState.Retired, Uses.Count: > 0 });

    internal static KeyringReport Of(Keyring keyring, IReadOnlyList<KeyUse> uses) =>
        new(
            keyring.Id,
            [
                .. keyring
                    .Keys.OrderBy(key => key.Purpose)
                    .ThenBy(key => key.CreatedAt)
                    .Select(key => new KeyStatus(
                        key.Id,
                        key.Purpose,
                        key.State,
                        key.CreatedAt,
                        key.ActivatesAt,
                        key.SupersededAt,
                        [.. uses.Where(use => use.Key == key.Id && use.Purpose == key.Purpose)]
                    )),
            ],
            [.. uses.Where(use => KeyUsageReader.Find(keyring, use) is not { State: not KeyState.Destroyed })]
        );
}
