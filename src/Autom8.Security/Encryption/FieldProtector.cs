using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>
/// AES-256-GCM field encryption, format 1:
/// <c>A8 | 01 | key id (16) | nonce (12) | ciphertext | tag (16)</c>, 46 bytes more than the UTF-8 plaintext.
/// </summary>
/// <remarks>
/// <para>The AES key belongs to one row: HKDF-Expand-SHA-256 (RFC 5869) of the keyring's field key, with table and row id as info. Random 96-bit
/// nonces are safe for 2^32 messages under one key (NIST SP 800-38D, section 8.3); here the bound counts the writes of a single row.</para>
/// <para>The associated data is the length-prefixed list of format, key id, table, column and row id. The key id is a one-way
/// fingerprint of the key, which commits the ciphertext to it.</para>
/// <para>Safe for concurrent use; it keeps no key of its own.</para>
/// </remarks>
public sealed class FieldProtector : IFieldProtector
{
    private const byte Magic = 0xA8;
    private const byte Version = 1;
    private const int NonceOffset = 2 + KeyId.Length;
    private const int NonceLength = 12;
    private const int HeaderLength = NonceOffset + NonceLength;
    private const int TagLength = 16;
    private const int StackLimit = 512;

    private readonly IKeyringProvider _keyrings;
    private readonly KeyPurpose _purpose;

    /// <summary>Encrypts with the keys of a keyring.</summary>
    public FieldProtector(IKeyringProvider keyrings)
        : this(keyrings, KeyPurpose.FieldEncryption) { }

    internal FieldProtector(IKeyringProvider keyrings, KeyPurpose purpose)
    {
        ArgumentNullException.ThrowIfNull(keyrings);
        _keyrings = keyrings;
        _purpose = purpose;
    }

    /// <summary>Whether a well-formed ciphertext was made with the key that is active now.</summary>
    internal bool IsCurrent(EncryptedField field) =>
        new KeyId(field.Bytes.Span.Slice(2, KeyId.Length)) == _keyrings.Current.Active(_purpose).Id;

    /// <inheritdoc/>
    public EncryptedField Protect(string plaintext, in FieldContext context)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        Check(context);
        var key = _keyrings.Current.Active(_purpose);
        var length = Canonical.Utf8.GetByteCount(plaintext);
        var field = new byte[HeaderLength + length + TagLength];
        field[0] = Magic;
        field[1] = Version;
        key.Id.CopyTo(field.AsSpan(2));
        RandomNumberGenerator.Fill(field.AsSpan(NonceOffset, NonceLength));

        // Encrypted in place, so that no second buffer ever holds the plaintext.
        var text = field.AsSpan(HeaderLength, length);
        Canonical.Utf8.GetBytes(plaintext, text);
        using var aes = RowCipher(key, context);
        aes.Encrypt(
            field.AsSpan(NonceOffset, NonceLength),
            text,
            text,
            field.AsSpan(HeaderLength + length),
            AssociatedData(key.Id, context)
        );
        return new EncryptedField(field);
    }

    /// <inheritdoc/>
    public string Unprotect(EncryptedField field, in FieldContext context)
    {
        Check(context);
        var bytes = field.Bytes.Span;
        if (bytes.Length < HeaderLength + TagLength || bytes[0] != Magic)
        {
            throw Failed(context, FieldProtectionFailure.Malformed);
        }

        if (bytes[1] != Version)
        {
            throw Failed(context, FieldProtectionFailure.UnknownVersion);
        }

        var id = new KeyId(bytes.Slice(2, KeyId.Length));
        if (!_keyrings.Current.TryFind(_purpose, id, out var key))
        {
            throw Failed(context, FieldProtectionFailure.UnknownKey);
        }

        var length = bytes.Length - HeaderLength - TagLength;
        var rented = length > StackLimit ? ArrayPool<byte>.Shared.Rent(length) : null;
        var text = rented is null ? stackalloc byte[StackLimit] : rented;
        text = text[..length];
        try
        {
            using var aes = RowCipher(key, context);
            aes.Decrypt(
                bytes.Slice(NonceOffset, NonceLength),
                bytes.Slice(HeaderLength, length),
                bytes[^TagLength..],
                text,
                AssociatedData(id, context)
            );
            return Canonical.Utf8.GetString(text);
        }
        catch (Exception e) when (e is AuthenticationTagMismatchException or DecoderFallbackException)
        {
            throw Failed(context, FieldProtectionFailure.NotAuthentic);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private static void Check(in FieldContext context)
    {
        if (string.IsNullOrEmpty(context.Table) || string.IsNullOrEmpty(context.Column) || context.RowId == Guid.Empty)
        {
            throw new ArgumentException("A field's context names a table, a column and a row.", nameof(context));
        }
    }

    private static FieldProtectionException Failed(in FieldContext context, FieldProtectionFailure failure)
    {
        SecurityMeter.FieldFailed(failure);
        return new FieldProtectionException(context, failure);
    }

    private static AesGcm RowCipher(KeyringKey key, in FieldContext context)
    {
        Span<byte> rowKey = stackalloc byte[32];
        HKDF.Expand(
            HashAlgorithmName.SHA256,
            key.Material,
            rowKey,
            Canonical.Encode("autom8/field/v1/row-key"u8, context.Table, context.RowId)
        );
        var aes = new AesGcm(rowKey, TagLength);
        CryptographicOperations.ZeroMemory(rowKey);
        return aes;
    }

    private static byte[] AssociatedData(KeyId key, in FieldContext context) =>
        Canonical.Encode("autom8/field/v1/aad"u8, key.ToString(), context.Table, context.Column, context.RowId);
}
