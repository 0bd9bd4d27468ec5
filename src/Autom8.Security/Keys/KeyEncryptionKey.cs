using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security.Keys;

/// <summary>
/// The built-in key-encryption key: 32 bytes, given by file or environment. Wraps a data key with AES-256-GCM:
/// <c>nonce (12) | ciphertext | tag (16)</c>, its id as associated data.
/// </summary>
public sealed class KeyEncryptionKey : IKeyEncryptionKey
{
    private const int Length = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
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
        Id = Convert.ToHexStringLower(_id);
    }

    /// <summary>A one-way fingerprint of the key.</summary>
    public string Id { get; }

    /// <summary>The key that the settings give, or null when they give none.</summary>
    /// <exception cref="KeyringException">The key is given twice, cannot be read, or is not 32 bytes in base64.</exception>
    internal static KeyEncryptionKey? From(SecurityOptions options)
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

        return FromFile(file, "Autom8:Security:KeyEncryptionKeyFile");
    }

    /// <summary>The key in a file: 32 bytes in base64.</summary>
    /// <exception cref="KeyringException">The file cannot be read, or holds no key.</exception>
    public static KeyEncryptionKey FromFile(string file) => FromFile(file, "a key-encryption key");

    private static KeyEncryptionKey FromFile(string file, string givenBy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        try
        {
            using var stream = File.OpenRead(file);
            var bytes = new byte[MaxFileLength];
            var length = stream.ReadAtLeast(bytes, MaxFileLength, throwOnEndOfStream: false);
            return Parse(Encoding.ASCII.GetString(bytes, 0, length), $"the file '{file}' ({givenBy})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyringException(
                $"The key-encryption key cannot be read from '{file}' ({givenBy}). Check that the file exists and that this user may read it.",
                e
            );
        }
    }

    /// <inheritdoc/>
    public ValueTask<byte[]> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken)
    {
        var wrapped = new byte[NonceLength + dataKey.Length + TagLength];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceLength));
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(
            wrapped.AsSpan(0, NonceLength),
            dataKey.Span,
            wrapped.AsSpan(NonceLength, dataKey.Length),
            wrapped.AsSpan(NonceLength + dataKey.Length),
            _id
        );
        return ValueTask.FromResult(wrapped);
    }

    /// <inheritdoc/>
    public ValueTask<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken)
    {
        if (wrapped.Length < NonceLength + TagLength)
        {
            throw new KeyringException("What the key-encryption key wrapped was cut short.");
        }

        return ValueTask.FromResult(
            Decrypt(wrapped.Span[..NonceLength], wrapped.Span[NonceLength..^TagLength], wrapped.Span[^TagLength..], _id)
        );
    }

    /// <summary>Opens the first wrapped form of a keyring: <c>A8KW | 01 | id of this key (16) | nonce (12) | ciphertext | tag (16)</c>.</summary>
    /// <exception cref="KeyringException">Wrapped by another key, or altered.</exception>
    internal byte[] OpenVersion1(ReadOnlySpan<byte> wrapped, string where)
    {
        const int nonceOffset = 5 + 16;
        if (wrapped.Length < nonceOffset + NonceLength + TagLength)
        {
            throw new KeyringException($"The keyring in {where} is damaged: cut short. Restore it from its backup.");
        }

        return wrapped.Slice(5, _id.Length).SequenceEqual(_id)
            ? Decrypt(
                wrapped.Slice(nonceOffset, NonceLength),
                wrapped[(nonceOffset + NonceLength)..^TagLength],
                wrapped[^TagLength..],
                wrapped[..nonceOffset]
            )
            : throw KeyringEnvelope.WrappedByAnother(where);
    }

    private byte[] Decrypt(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData
    )
    {
        var plaintext = GC.AllocateUninitializedArray<byte>(ciphertext.Length, pinned: true);
        try
        {
            using var aes = new AesGcm(_key, TagLength);
            aes.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
            return plaintext;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new KeyringException("What the key-encryption key wrapped is damaged. Restore the keyring from its backup.", e);
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
