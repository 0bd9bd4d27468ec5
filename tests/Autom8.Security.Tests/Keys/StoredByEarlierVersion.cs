using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Keys;

/// <summary>A keyring as the version before rotation stored it: format 1, without the purposes that came later.</summary>
internal static class StoredByEarlierVersion
{
    public static byte[] Format1(Keyring keyring, params KeyPurpose[] unknown)
    {
        var json = JsonNode.Parse(KeyringFormat.Write(keyring))!.AsObject();
        json["format"] = 1;
        json.Remove("revision");
        var keys = json["keys"]!.AsArray();
        foreach (var key in keys.Select(key => key!.AsObject()).ToArray())
        {
            key.Remove("activates_at");
            key.Remove("superseded_at");
            if (unknown.Any(purpose => purpose.ToString() == (string?)key["purpose"]))
            {
                keys.Remove(key);
            }
        }

        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    /// <summary>The keyring that <see cref="Format1"/> holds.</summary>
    public static Keyring Reduced(Keyring keyring, params KeyPurpose[] unknown) =>
        new(keyring.Id, [.. keyring.Keys.Where(key => !unknown.Contains(key.Purpose))], 0);

    /// <summary><c>A8KW | 01 | id of the key (16) | nonce (12) | ciphertext | tag (16)</c>, the first 21 bytes as associated data.</summary>
    public static byte[] Wrapped1(byte[] plaintext, byte[] kek)
    {
        byte[] header =
        [
            .. "A8KW"u8,
            1,
            .. HKDF.DeriveKey(HashAlgorithmName.SHA256, kek, 16, [], Encoding.ASCII.GetBytes("autom8/key-encryption-key-id/v1")),
        ];
        var nonce = RandomNumberGenerator.GetBytes(12);
        var ciphertext = new byte[plaintext.Length];
        var tag = new byte[16];
        using var aes = new AesGcm(kek, 16);
        aes.Encrypt(nonce, plaintext, ciphertext, tag, header);
        return [.. header, .. nonce, .. ciphertext, .. tag];
    }
}
