using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Encryption;
using Autom8.Security.Tokens.Signatures;

namespace Autom8.Security.Keys;

/// <summary>What is tried before a service starts: the primitives against known answers, and each key in a round trip of its purpose.</summary>
internal static class KeySelfTest
{
    /// <summary>AES-256-GCM, HMAC-SHA-256 and HKDF-SHA-256 against the vectors of those who specified them.</summary>
    /// <exception cref="KeyringException">This machine's cryptography computes something else.</exception>
    public static void Primitives()
    {
        // Test case 16 of the GCM specification (McGrew, Viega), which is also in NIST's validation system.
        var plaintext = Convert.FromHexString(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        );
        var ciphertext = new byte[plaintext.Length];
        var tag = new byte[16];
        bool[] libraries = Sodium.HasAes256Gcm ? [true, false] : [false]; // keys are wrapped by the base library, fields encrypted by either
        foreach (var bySodium in libraries)
        {
            using (
                var key = new AesGcmKey(
                    Convert.FromHexString("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
                    threads: 1,
                    bySodium
                )
            )
            {
                key.Encrypt(
                    Convert.FromHexString("cafebabefacedbaddecaf888"),
                    plaintext,
                    ciphertext,
                    tag,
                    Convert.FromHexString("feedfacedeadbeeffeedfacedeadbeefabaddad2")
                );
            }

            Expect(
                "AES-256-GCM",
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                ciphertext
            );
            Expect("AES-256-GCM", "76fc6ece0f4e1768cddf8853bb2d551b", tag);
            ciphertext.AsSpan().Clear();
            tag.AsSpan().Clear();
        }

        // RFC 4231, test case 2.
        Expect(
            "HMAC-SHA-256",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            HMACSHA256.HashData("Jefe"u8, "what do ya want for nothing?"u8)
        );

        // RFC 5869, test case 1.
        Expect(
            "HKDF-SHA-256",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            HKDF.DeriveKey(
                HashAlgorithmName.SHA256,
                Convert.FromHexString("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                42,
                Convert.FromHexString("000102030405060708090a0b0c"),
                Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9")
            )
        );
    }

    /// <summary>Signs and verifies, or encrypts and decrypts, with every key that has material.</summary>
    /// <exception cref="KeyringException">A key cannot do what it is for; the message names it.</exception>
    public static void Keys(Keyring keyring)
    {
        foreach (var key in keyring.Keys)
        {
            if (key.State != KeyState.Destroyed && !Works(key))
            {
                throw new KeyringException(
                    $"The {key.Purpose} key {key.Id} of keyring {keyring.Id} fails its self-test. Restore the keyring from its backup."
                );
            }
        }
    }

    private static bool Works(KeyringKey key)
    {
        try
        {
            return key.Purpose == KeyPurpose.TokenSigning ? Signs(key) : Encrypts(key);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return false; // whatever the material is, it is no key
        }
    }

    private static bool Signs(KeyringKey key)
    {
        var token = TokenKey.Of(key);
        Span<byte> signature = stackalloc byte[token.SignatureLength];
        token.Sign("autom8/self-test"u8, signature);
        return token.Verify("autom8/self-test"u8, signature) && !token.Verify("autom8/self-tess"u8, signature);
    }

    // Under a sub-key of its own, as everyone uses these keys: what is encrypted here is of no use elsewhere.
    private static bool Encrypts(KeyringKey key)
    {
        Span<byte> subKey = stackalloc byte[32];
        HKDF.Expand(HashAlgorithmName.SHA256, key.Material, subKey, Encoding.ASCII.GetBytes($"autom8/self-test/v1/{key.Purpose}"));
        using var aes = new AesGcm(subKey, 16);
        CryptographicOperations.ZeroMemory(subKey);
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> tag = stackalloc byte[16];
        Span<byte> text = stackalloc byte[16];
        "autom8/self-test"u8.CopyTo(text);
        RandomNumberGenerator.Fill(nonce);
        aes.Encrypt(nonce, text, text, tag);
        var differs = !text.SequenceEqual("autom8/self-test"u8);
        aes.Decrypt(nonce, text, tag, text);
        return differs && text.SequenceEqual("autom8/self-test"u8);
    }

    private static void Expect(string primitive, string expected, ReadOnlySpan<byte> actual)
    {
        if (!actual.SequenceEqual(Convert.FromHexString(expected)))
        {
            throw new KeyringException(
                $"{primitive} does not give its published answer in this process, so nothing may be encrypted with it. Check the machine's cryptographic library (OpenSSL)."
            );
        }
    }
}
