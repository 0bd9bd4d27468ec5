using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security.Keys;

/// <summary>
/// The key outside: 32 bytes, given by file or environment, that wrap a keyring with AES-256-GCM wherever it is stored.
/// Wrapped form: <c>A8KW | 01 | id of this key (16) | nonce (12) | ciphertext | tag (16)</c>.
/// </summary>
internal sealed class KeyEncryptionKey
{
    private const int Length = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int NonceOffset = 5 + 16;
    private const int HeaderLength = NonceOffset + NonceLength;
    private const int MaxFileLength = 1024;

    internal const string HowToMake =
        "Make one with 'openssl rand -base64 32', keep it apart from the database and its backups, and give it as the environment variable "
        + "Autom8__Security__KeyEncryptionKey, or as a file named by Autom8__Security__KeyEncryptionKeyFile.";

    private readonly byte[] _key;
    private readonly byte[] _id;

    private KeyEncryptionKey(byte[] key)
    {
        _key = key;
        _id = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 16, [], "autom8/key-encryption-key-id/v1"u8.ToArray());
    }

    private static ReadOnlySpan<byte> Magic => "A8KW\u0001"u8;

    /// <summary>The key that the settings give, or null when they give none.</summary>
    /// <exception cref="KeyringException">The key is given twice, cannot be read, or is not 32 bytes in base64.</exception>
    public static KeyEncryptionKey? From(SecurityOptions options)
    {
        var text = options.KeyEncryptionKey;
        var file = options.KeyEncryptionKeyFile;
        if (string.IsNullOrWhiteSpace(file))
        {
            return string.IsNullOrWhiteSpace(text) ? null : Parse(text, "Autom8:Security:KeyEncryptionKey");
        }

        if (!string.IsNullOrWhiteSpace(text))
        {
            throw new KeyringException("Give Autom8:Security:KeyEncryptionKey or Autom8:Security:KeyEncryptionKeyFile, not both.");
        }

        try
        {
            using var stream = File.OpenRead(file);
            var bytes = new byte[MaxFileLength];
            var length = stream.ReadAtLeast(bytes, MaxFileLength, throwOnEndOfStream: false);
            return Parse(Encoding.ASCII.GetString(bytes, 0, length), $"the file '{file}' (Autom8:Security:KeyEncryptionKeyFile)");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyringException(
                $"The key-encryption key cannot be read from '{file}' (Autom8:Security:KeyEncryptionKeyFile). Check that the file exists and that this user may read it.",
                e
            );
        }
    }

    public static bool IsWrapped(ReadOnlySpan<byte> stored) => stored.StartsWith(Magic[..4]);

    public byte[] Wrap(ReadOnlySpan<byte> plaintext)
    {
        var wrapped = new byte[HeaderLength + plaintext.Length + TagLength];
        Magic.CopyTo(wrapped);
        _id.CopyTo(wrapped.AsSpan(Magic.Length));
        RandomNumberGenerator.Fill(wrapped.AsSpan(NonceOffset, NonceLength));
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(
            wrapped.AsSpan(NonceOffset, NonceLength),
            plaintext,
            wrapped.AsSpan(HeaderLength, plaintext.Length),
            wrapped.AsSpan(HeaderLength + plaintext.Length),
            wrapped.AsSpan(0, NonceOffset)
        );
        return wrapped;
    }

    /// <exception cref="KeyringException">Wrapped by another key, or damaged.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string where)
    {
        if (wrapped.Length < HeaderLength + TagLength || !wrapped.StartsWith(Magic))
        {
            throw new KeyringException($"The keyring in {where} is damaged or of an unknown format. Restore it from its backup.");
        }

        if (!wrapped.Slice(Magic.Length, _id.Length).SequenceEqual(_id))
        {
            throw new KeyringException(
                $"The keyring in {where} is wrapped by another key-encryption key than the one given. Give the key it was created with."
            );
        }

        var plaintext = GC.AllocateUninitializedArray<byte>(wrapped.Length - HeaderLength - TagLength, pinned: true);
        try
        {
            using var aes = new AesGcm(_key, TagLength);
            aes.Decrypt(
                wrapped.Slice(NonceOffset, NonceLength),
                wrapped[HeaderLength..^TagLength],
                wrapped[^TagLength..],
                plaintext,
                wrapped[..NonceOffset]
            );
            return plaintext;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new KeyringException($"The keyring in {where} is damaged. Restore it from its backup.", e);
        }
    }

    private static KeyEncryptionKey Parse(string text, string where)
    {
        var key = new byte[Length + 1];
        if (!Convert.TryFromBase64String(text.Trim(), key, out var written) || written != Length)
        {
            throw new KeyringException($"The key-encryption key in {where} is not 32 bytes in base64. {HowToMake}");
        }

        if (key.AsSpan(0, Length).Count(key[0]) == Length)
        {
            throw new KeyringException($"The key-encryption key in {where} is one byte repeated, not a random key. {HowToMake}");
        }

        return new KeyEncryptionKey(key[..Length]);
    }
}
