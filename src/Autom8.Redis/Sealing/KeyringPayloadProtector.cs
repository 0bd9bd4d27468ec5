using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Autom8.Caching.Distributed;
using Autom8.Security.Keys;

namespace Autom8.Redis.Sealing;

/// <summary>
/// Seals what the cache puts into Redis with the keyring's <see cref="KeyPurpose.Cache"/> key, so that whoever reads or writes Redis learns sizes and timing only, and can make nobody believe a value
/// that was not stored under that very key and schema. Replaying an older value of the same key is not prevented.
/// </summary>
/// <remarks>
/// <para>Payload: <c>version (1) | key id (16) | salt (16) | nonce (12) | ciphertext | tag (16)</c>. AES-256-GCM (NIST SP 800-38D) under a key derived for this one message from the keyring's key and the random salt
/// (HKDF-SHA-256, RFC 5869), so that the limit of 2^32 random nonces per key is not one on the number of cache writes. Associated data: version, key id, cache key and schema.</para>
/// <para>Names: HMAC-SHA-256 of the cache key in base64url, under the active key. After a rotation everything has another name and is a miss; nothing has to be re-written.</para>
/// <para>Safe for any number of threads.</para>
/// </remarks>
public sealed class KeyringPayloadProtector : ICachePayloadProtector
{
    private const byte Version = 1;
    private const int SaltLength = 16;
    private const int HeaderLength = 1 + KeyId.Length + SaltLength + NonceLength;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int KeyLength = 32;

    private readonly IKeyringProvider _keyrings;
    private readonly ConditionalWeakTable<KeyringKey, DerivedKeys> _derived = [];

    /// <summary>Seals under the keyring in force at each call.</summary>
    /// <param name="keyrings">Where the keyring comes from.</param>
    public KeyringPayloadProtector(IKeyringProvider keyrings)
    {
        ArgumentNullException.ThrowIfNull(keyrings);
        _keyrings = keyrings;
    }

    /// <inheritdoc/>
    public string ProtectKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var name = Derive(_keyrings.Current.Active(KeyPurpose.Cache)).Name;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(name, Encoding.UTF8.GetBytes(key), hash);
        return Base64Url.EncodeToString(hash);
    }

    /// <inheritdoc/>
    public void Protect(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> associatedData, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var key = _keyrings.Current.Active(KeyPurpose.Cache);
        var length = HeaderLength + payload.Length + TagLength;
        var output = destination.GetSpan(length)[..length];
        output[0] = Version;
        key.Id.CopyTo(output.Slice(1, KeyId.Length));
        RandomNumberGenerator.Fill(output[(1 + KeyId.Length)..HeaderLength]);

        using var cipher = Cipher(Derive(key), output);
        cipher.Encrypt(
            output[(HeaderLength - NonceLength)..HeaderLength],
            payload,
            output.Slice(HeaderLength, payload.Length),
            output[^TagLength..],
            Bind(output, associatedData)
        );
        destination.Advance(length);
    }

    /// <inheritdoc/>
    public bool TryUnprotect(ReadOnlySpan<byte> protectedPayload, ReadOnlySpan<byte> associatedData, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (
            protectedPayload.Length < HeaderLength + TagLength
            || protectedPayload[0] != Version
            || !_keyrings.Current.TryFind(KeyPurpose.Cache, new KeyId(protectedPayload.Slice(1, KeyId.Length)), out var key)
        )
        {
            return false;
        }

        var length = protectedPayload.Length - HeaderLength - TagLength;
        var output = length == 0 ? [] : destination.GetSpan(length)[..length];
        using var cipher = Cipher(Derive(key), protectedPayload);
        try
        {
            cipher.Decrypt(
                protectedPayload[(HeaderLength - NonceLength)..HeaderLength],
                protectedPayload.Slice(HeaderLength, length),
                protectedPayload[^TagLength..],
                output,
                Bind(protectedPayload, associatedData)
            );
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        destination.Advance(length);
        return true;
    }

    private static AesGcm Cipher(DerivedKeys keys, ReadOnlySpan<byte> header)
    {
        Span<byte> info = stackalloc byte[SaltLength];
        header.Slice(1 + KeyId.Length, SaltLength).CopyTo(info);
        Span<byte> message = stackalloc byte[KeyLength];
        HKDF.Expand(HashAlgorithmName.SHA256, keys.Seal, message, info);
        var cipher = new AesGcm(message, TagLength);
        CryptographicOperations.ZeroMemory(message);
        return cipher;
    }

    /// <summary>Version and key id (fixed length), then the caller's data.</summary>
    private static byte[] Bind(ReadOnlySpan<byte> header, ReadOnlySpan<byte> associatedData) =>
        [.. header[..(1 + KeyId.Length)], .. associatedData];

    private DerivedKeys Derive(KeyringKey key) => _derived.GetValue(key, static of => new DerivedKeys(of));

    /// <summary>Two keys of different use from one: names never share a key with payloads.</summary>
    private sealed class DerivedKeys
    {
        public DerivedKeys(KeyringKey key)
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Material, Name, [], "autom8/cache/name/v1"u8);
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Material, Seal, [], "autom8/cache/seal/v1"u8);
        }

        public byte[] Name { get; } = GC.AllocateUninitializedArray<byte>(KeyLength, pinned: true);

        public byte[] Seal { get; } = GC.AllocateUninitializedArray<byte>(KeyLength, pinned: true);
    }
}
