namespace Autom8.Security.Keys;

/// <summary>Asks everyone who stores what keys made which keys their rows need.</summary>
/// <param name="usages">Taken when they are asked: what they are made of may want the keyring.</param>
internal sealed class KeyUsageReader(Func<IEnumerable<IKeyUsage>> usages)
{
    /// <summary>Whether anyone says what their rows need. If nobody does, nothing is known of any key.</summary>
    public bool IsAnyoneAsked => usages().Any();

    public async ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken)
    {
        var uses = new List<KeyUse>();
        foreach (var usage in usages())
        {
            uses.AddRange(await usage.CountAsync(cancellationToken).ConfigureAwait(false));
        }

        return uses;
    }

    /// <exception cref="KeyringException">Rows need a key whose material the keyring does not hold.</exception>
    public static void RefuseLost(IReadOnlyList<KeyUse> uses, Keyring keyring)
    {
        var lost = uses.Where(use => Find(keyring, use) is not { State: not KeyState.Destroyed }).ToArray();
        if (lost.Length > 0)
        {
            throw new KeyringException(
                $"Keyring {keyring.Id} lacks keys that stored rows need: {Describe(lost)}. "
                    + "Restore the copy of the keyring that holds them, or the copy of the data from before. Nothing was created: a new key could not read these rows."
            );
        }
    }

    public static KeyringKey? Find(Keyring keyring, KeyUse use) => keyring.All(use.Purpose).FirstOrDefault(key => key.Id == use.Key);

    public static string Describe(IEnumerable<KeyUse> uses) =>
        string.Join("; ", uses.Select(use => $"{use.Purpose} key {use.Key}, needed by {use.Rows} rows of {use.Table}"));
}
