using System.Collections.Concurrent;
using System.Security.Cryptography;
using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>
/// Wraps the data keys of subjects under the keyring's field key: <c>01 | nonce (12) | ciphertext (32) | tag (16)</c>, AES-256-GCM with the length-prefixed list of format,
/// key id and subject as associated data. The wrapping key is HKDF-Expand-SHA-256 (RFC 5869) of the field key.
/// </summary>
/// <remarks>
/// <para>AES-GCM does not commit to its key: a ciphertext can be made that opens under two keys, to two values. So beside each wrapped key stands a commitment,
/// HKDF-Extract-SHA-256 of the data key with a fixed salt (an HMAC with a public key, hence as collision-resistant as SHA-256): whoever wants two data keys behind one
/// row must find a collision. All 32 bytes are kept, for 128 bits against one. It is as one-way as SHA-256 is on 256 random bits, and tells nothing of the key.</para>
/// <para>Safe for concurrent use.</para>
/// </remarks>
internal sealed class SubjectKeyWrapper(IKeyringProvider keyrings) : IDisposable
{
    public const int CommitmentLength = 32;
    public const int WrappedLength = 1 + AesGcmKey.NonceLength + AesGcmKey.KeyLength + AesGcmKey.TagLength;

    private const byte Format = 1;
    private const int MaxAssociatedData = 128;

    [ThreadStatic]
    private static IncrementalHash? _committer;

    private readonly ConcurrentDictionary<KeyId, AesGcmKey> _ciphers = new();

    /// <summary>The key that wraps new data keys.</summary>
    public KeyId Active => keyrings.Current.Active(KeyPurpose.FieldEncryption).Id;

    /// <summary>Wraps a data key under the active key.</summary>
    public StoredSubjectKey Wrap(Guid subject, ReadOnlySpan<byte> dataKey, DateTimeOffset createdAt)
    {
        var commitment = new byte[CommitmentLength];
        Commit(dataKey, commitment);
        var key = keyrings.Current.Active(KeyPurpose.FieldEncryption);
        var wrapped = new byte[WrappedLength];
        wrapped[0] = Format;
        var nonce = wrapped.AsSpan(1, AesGcmKey.NonceLength);
        NonceSource.Fill(nonce);
        Span<byte> associated = stackalloc byte[MaxAssociatedData];
        Cipher(key)
            .Encrypt(
                nonce,
                dataKey,
                wrapped.AsSpan(1 + AesGcmKey.NonceLength, AesGcmKey.KeyLength),
                wrapped.AsSpan(WrappedLength - AesGcmKey.TagLength),
                AssociatedData(key.Id, subject, associated)
            );
        return new StoredSubjectKey(subject, wrapped, key.Id, commitment, createdAt);
    }

    /// <summary>Unwraps a data key and checks it against its commitment.</summary>
    /// <param name="stored">The row.</param>
    /// <param name="dataKey">Takes 32 bytes; the caller wipes them. Zero when there is a failure.</param>
    /// <returns>Null, or why there is no key.</returns>
    public FieldProtectionFailure? Unwrap(StoredSubjectKey stored, Span<byte> dataKey)
    {
        dataKey.Clear();
        if (stored.Wrapped is not { } wrapped)
        {
            return FieldProtectionFailure.Shredded;
        }

        if (wrapped.Length == 0 || wrapped[0] != Format)
        {
            return FieldProtectionFailure.UnknownVersion;
        }

        if (wrapped.Length != WrappedLength)
        {
            return FieldProtectionFailure.Malformed;
        }

        if (!keyrings.Current.TryFind(KeyPurpose.FieldEncryption, stored.WrappedBy, out var key))
        {
            return FieldProtectionFailure.UnknownKey;
        }

        Span<byte> associated = stackalloc byte[MaxAssociatedData];
        Span<byte> commitment = stackalloc byte[CommitmentLength];
        if (
            Cipher(key)
                .TryDecrypt(
                    wrapped.AsSpan(1, AesGcmKey.NonceLength),
                    wrapped.AsSpan(1 + AesGcmKey.NonceLength, AesGcmKey.KeyLength),
                    wrapped.AsSpan(WrappedLength - AesGcmKey.TagLength),
                    dataKey,
                    AssociatedData(key.Id, stored.Subject, associated)
                )
        )
        {
            Commit(dataKey, commitment);
            if (CryptographicOperations.FixedTimeEquals(commitment, stored.Commitment))
            {
                return null;
            }
        }

        CryptographicOperations.ZeroMemory(dataKey);
        return FieldProtectionFailure.NotAuthentic;
    }

    /// <summary>HKDF-Extract(salt, data key). The hash is set up once per thread: a new HMAC costs more than the two blocks that it hashes.</summary>
    internal static void Commit(ReadOnlySpan<byte> dataKey, Span<byte> commitment)
    {
        var committer = _committer ??= IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, "autom8/subject-key/v1/commitment"u8);
        committer.AppendData(dataKey);
        committer.GetHashAndReset(commitment);
    }

    /// <summary>Wipes the wrapping keys. Nothing may be in use.</summary>
    public void Dispose()
    {
        foreach (var id in _ciphers.Keys)
        {
            if (_ciphers.TryRemove(id, out var cipher))
            {
                cipher.Dispose();
            }
        }
    }

    // As many as the keyring has ever had live keys: a handful.
    private AesGcmKey Cipher(KeyringKey key) => _ciphers.TryGetValue(key.Id, out var cipher) ? cipher : Add(key);

    private AesGcmKey Add(KeyringKey key)
    {
        Span<byte> wrapping = stackalloc byte[AesGcmKey.KeyLength];
        HKDF.Expand(HashAlgorithmName.SHA256, key.Material, wrapping, "autom8/subject-key/v1/wrap"u8);
        var made = new AesGcmKey(wrapping, Environment.ProcessorCount);
        CryptographicOperations.ZeroMemory(wrapping);
        var cipher = _ciphers.GetOrAdd(key.Id, made);
        if (cipher != made)
        {
            made.Dispose();
        }

        return cipher;
    }

    private static ReadOnlySpan<byte> AssociatedData(KeyId key, Guid subject, Span<byte> buffer)
    {
        Span<byte> id = stackalloc byte[KeyId.Length];
        key.CopyTo(id);
        var writer = new CanonicalWriter(buffer);
        writer.Add("autom8/subject-key/v1"u8);
        writer.Add(id);
        writer.Add(subject);
        return writer.Written;
    }
}
