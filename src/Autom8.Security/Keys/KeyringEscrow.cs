namespace Autom8.Security.Keys;

internal static class KeyringEscrow
{
    /// <exception cref="KeyringException">A keyring that is there and can be opened is another one, or as new.</exception>
    internal static void RefuseOver(StoredKeyring? there, Keyring recovered, bool isNamed, string where)
    {
        if (there is null && !isNamed)
        {
            throw new KeyringException(
                $"There is a keyring in {where} that cannot be opened and that no database names. Move it away first."
            );
        }

        if (there is { Keyring: var keyring } && (keyring.Id != recovered.Id || keyring.Revision >= recovered.Revision))
        {
            throw new KeyringException(
                $"There is keyring {keyring.Id}, revision {keyring.Revision}, in {where}, and it can be opened; the escrow holds keyring {recovered.Id}, "
                    + $"revision {recovered.Revision}. Nothing was recovered: there is nothing to recover from."
            );
        }
    }
}
