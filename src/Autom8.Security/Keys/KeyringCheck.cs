using System.Security.Cryptography;

namespace Autom8.Security.Keys;

/// <summary>
/// What a database keeps to recognise its keyring: the keyring's id and an HMAC, under a key derived from all its material, of the list of its keys.
/// A keyring with a key more or a key less than the database was written with does not pass.
/// </summary>
internal sealed record KeyringCheck(string KeyringId, byte[] Value)
{
    public static KeyringCheck Of(Keyring keyring)
    {
        // In an order that does not depend on the file: two copies of a keyring agree.
        var keys = keyring.Keys.OrderBy(key => key.Purpose).ThenBy(key => key.Id.ToString(), StringComparer.Ordinal).ToArray();
        using var list = new MemoryStream();
        var material = GC.AllocateUninitializedArray<byte>(keys.Sum(key => key.Material.Length), pinned: true);
        var offset = 0;
        list.Write(Canonical.Encode("autom8/keyring-check/v1"u8, keyring.Id, ""));
        foreach (var key in keys)
        {
            list.Write(Canonical.Encode("key"u8, key.Purpose.ToString(), key.Id.ToString()));
            key.Material.CopyTo(material.AsSpan(offset));
            offset += key.Material.Length;
        }

        Span<byte> checkKey = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, material, checkKey, [], "autom8/keyring-check/v1"u8);
        var value = HMACSHA256.HashData(checkKey, list.ToArray());
        CryptographicOperations.ZeroMemory(material);
        CryptographicOperations.ZeroMemory(checkKey);
        return new KeyringCheck(keyring.Id, value);
    }

    /// <summary>Whether it is the keyring, with just the keys, that the database was written with.</summary>
    public bool Accepts(Keyring keyring) => keyring.Id == KeyringId && CryptographicOperations.FixedTimeEquals(Value, Of(keyring).Value);

    /// <exception cref="KeyringException">The keyring bears another id.</exception>
    public void VerifyId(Keyring keyring, string where, string database)
    {
        if (keyring.Id != KeyringId)
        {
            throw new KeyringException(
                $"{database} was written with keyring {KeyringId}, but the keyring in {where} is {keyring.Id}. "
                    + "Start with the keyring that belongs to the database, or with the database that belongs to the keyring."
            );
        }
    }

    /// <param name="keyring">The keyring that was found.</param>
    /// <param name="where">Where it was found, for the message.</param>
    /// <param name="database">Which database keeps this check, for the message.</param>
    /// <exception cref="KeyringException">It is not the keyring that the database was written with.</exception>
    public void Verify(Keyring keyring, string where, string database)
    {
        VerifyId(keyring, where, database);
        if (!Accepts(keyring))
        {
            throw new KeyringException(
                $"The keyring in {where} bears the id that {database} expects, {keyring.Id}, but not the same keys: it is an older, newer or altered copy. "
                    + "Restore the copy that belongs to the database."
            );
        }
    }
}
