using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security.Keys;

/// <summary>
/// Hybrid public key encryption (RFC 9180), base mode, one message: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Whoever has the public key seals, whoever has the private one opens;
/// each message has an ephemeral key pair of its own.
/// </summary>
internal static class Hpke
{
    public const int EncapsulatedLength = 65;

    private const int Aes256 = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    // Section 7: KEM 0x0010, KDF 0x0001, AEAD 0x0001 (AES-128-GCM) or 0x0002 (AES-256-GCM).
    private static ReadOnlySpan<byte> KemSuite => "KEM\0\u0010"u8;

    public static (byte[] Encapsulated, byte[] Ciphertext) Seal(
        ECDiffieHellman recipient,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> plaintext
    )
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Seal(recipient, ephemeral, Aes256, info, associatedData, plaintext);
    }

    /// <exception cref="CryptographicException">It was sealed to another key, or altered.</exception>
    public static byte[] Open(
        ECDiffieHellman recipient,
        ReadOnlySpan<byte> encapsulated,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> ciphertext
    )
    {
        if (encapsulated.Length != EncapsulatedLength || encapsulated[0] != 4 || ciphertext.Length < TagLength)
        {
            throw new CryptographicException("Not an uncompressed P-256 point and a ciphertext.");
        }

        var point = new ECPoint { X = encapsulated[1..33].ToArray(), Y = encapsulated[33..].ToArray() };
        using var ephemeral = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        var (key, nonce) = KeySchedule(recipient, ephemeral, encapsulated, Point(recipient), Aes256, info);
        var plaintext = GC.AllocateUninitializedArray<byte>(ciphertext.Length - TagLength, pinned: true);
        using var aes = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        aes.Decrypt(nonce, ciphertext[..^TagLength], ciphertext[^TagLength..], plaintext, associatedData);
        return plaintext;
    }

    /// <summary>With an ephemeral key and a key length from outside, for the published vectors.</summary>
    internal static (byte[] Encapsulated, byte[] Ciphertext) Seal(
        ECDiffieHellman recipient,
        ECDiffieHellman ephemeral,
        int keyLength,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> plaintext
    )
    {
        var encapsulated = Point(ephemeral);
        var (key, nonce) = KeySchedule(ephemeral, recipient, encapsulated, Point(recipient), keyLength, info);
        var ciphertext = new byte[plaintext.Length + TagLength];
        using var aes = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        aes.Encrypt(nonce, plaintext, ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), associatedData);
        return (encapsulated, ciphertext);
    }

    // Sections 4.1 (Encap, Decap) and 5.1 (KeySchedule in base mode: no PSK).
    private static (byte[] Key, byte[] Nonce) KeySchedule(
        ECDiffieHellman mine,
        ECDiffieHellman theirs,
        ReadOnlySpan<byte> encapsulated,
        ReadOnlySpan<byte> recipient,
        int keyLength,
        ReadOnlySpan<byte> info
    )
    {
        using var theirPublicKey = theirs.PublicKey;
        var agreed = mine.DeriveRawSecretAgreement(theirPublicKey);
        var extracted = LabeledExtract(KemSuite, [], "eae_prk", agreed);
        var shared = LabeledExpand(KemSuite, extracted, "shared_secret", [.. encapsulated, .. recipient], 32);

        byte[] suite = [.. "HPKE"u8, 0, 0x10, 0, 1, 0, (byte)(keyLength == Aes256 ? 2 : 1)];
        byte[] context = [0, .. LabeledExtract(suite, [], "psk_id_hash", []), .. LabeledExtract(suite, [], "info_hash", info)];
        var secret = LabeledExtract(suite, shared, "secret", []);
        var result = (
            LabeledExpand(suite, secret, "key", context, keyLength),
            LabeledExpand(suite, secret, "base_nonce", context, NonceLength)
        );
        CryptographicOperations.ZeroMemory(agreed);
        CryptographicOperations.ZeroMemory(extracted);
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(secret);
        return result;
    }

    private static byte[] LabeledExtract(ReadOnlySpan<byte> suite, byte[] salt, string label, ReadOnlySpan<byte> input)
    {
        byte[] labeled = [.. "HPKE-v1"u8, .. suite, .. Encoding.ASCII.GetBytes(label), .. input];
        var extracted = HKDF.Extract(HashAlgorithmName.SHA256, labeled, salt);
        CryptographicOperations.ZeroMemory(labeled);
        return extracted;
    }

    private static byte[] LabeledExpand(ReadOnlySpan<byte> suite, byte[] key, string label, ReadOnlySpan<byte> info, int length)
    {
        Span<byte> size = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)length);
        byte[] labeled = [.. size, .. "HPKE-v1"u8, .. suite, .. Encoding.ASCII.GetBytes(label), .. info];
        return HKDF.Expand(HashAlgorithmName.SHA256, key, length, labeled);
    }

    // SEC 1, section 2.3.3, uncompressed.
    private static byte[] Point(ECDiffieHellman key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. point.X!, .. point.Y!];
    }
}
