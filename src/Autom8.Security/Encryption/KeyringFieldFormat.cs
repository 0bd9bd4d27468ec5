using System.Security.Cryptography;
using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>
/// Field format 1, frozen: <c>A8 | 01 | key id (16) | nonce (12) | ciphertext | tag (16)</c>, 46 bytes more than the plaintext. AES-256-GCM under a key of the keyring.
/// </summary>
/// <remarks>
/// <para>The AES key belongs to one row: HKDF-Expand-SHA-256 (RFC 5869) of the keyring's key, with table and row id as info. Random 96-bit
/// nonces are safe for 2^32 messages under one key (NIST SP 800-38D, section 8.3); here the bound counts the writes of a single row.</para>
/// <para>The associated data is the length-prefixed list of format, key id, table, column and row id. The key id is a one-way
/// fingerprint of the key, which commits the ciphertext to it.</para>
/// </remarks>
internal sealed class KeyringFieldFormat(IKeyringProvider keyrings, KeyPurpose purpose)
{
    public const byte Version = 1;
    public const int Overhead = HeaderLength + AesGcmKey.TagLength;

    private const int NonceOffset = 2 + KeyId.Length;
    private const int HeaderLength = NonceOffset + AesGcmKey.NonceLength;

    /// <summary>Whether a well-formed ciphertext was made with the key that is active now.</summary>
    public bool IsCurrent(ReadOnlySpan<byte> field) => new KeyId(field.Slice(2, KeyId.Length)) == keyrings.Current.LastActive(purpose).Id;

    /// <param name="plaintext">The value; may stand in its final place already.</param>
    /// <param name="context">The place.</param>
    /// <param name="field">Takes exactly <see cref="Overhead"/> bytes more than the plaintext.</param>
    public void Encrypt(ReadOnlySpan<byte> plaintext, in FieldContext context, Span<byte> field)
    {
        var key = keyrings.Current.Active(purpose);
        field[0] = SubjectFieldFormat.Magic;
        field[1] = Version;
        key.Id.CopyTo(field[2..]);
        var nonce = field.Slice(NonceOffset, AesGcmKey.NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = RowCipher(key, context);
        aes.Encrypt(
            nonce,
            plaintext,
            field.Slice(HeaderLength, plaintext.Length),
            field[(HeaderLength + plaintext.Length)..],
            AssociatedData(key.Id, context)
        );
    }

    /// <param name="field">Bears the mark and the version; anything else may be given.</param>
    /// <param name="context">The place.</param>
    /// <param name="destination">Long enough; emptied when the field does not verify.</param>
    /// <returns>Null, or why it cannot be decrypted.</returns>
    public FieldProtectionFailure? Decrypt(ReadOnlySpan<byte> field, in FieldContext context, Span<byte> destination)
    {
        if (field.Length < Overhead)
        {
            return FieldProtectionFailure.Malformed;
        }

        var id = new KeyId(field.Slice(2, KeyId.Length));
        if (!keyrings.Current.TryFind(purpose, id, out var key))
        {
            return FieldProtectionFailure.UnknownKey;
        }

        var plaintext = destination[..(field.Length - Overhead)];
        try
        {
            using var aes = RowCipher(key, context);
            aes.Decrypt(
                field.Slice(NonceOffset, AesGcmKey.NonceLength),
                field[HeaderLength..^AesGcmKey.TagLength],
                field[^AesGcmKey.TagLength..],
                plaintext,
                AssociatedData(id, context)
            );
            return null;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return FieldProtectionFailure.NotAuthentic;
        }
    }

    private static AesGcm RowCipher(KeyringKey key, in FieldContext context)
    {
        Span<byte> rowKey = stackalloc byte[AesGcmKey.KeyLength];
        HKDF.Expand(
            HashAlgorithmName.SHA256,
            key.Material,
            rowKey,
            Canonical.Encode("autom8/field/v1/row-key"u8, context.Table, context.RowId)
        );
        var aes = new AesGcm(rowKey, AesGcmKey.TagLength);
        CryptographicOperations.ZeroMemory(rowKey);
        return aes;
    }

    private static byte[] AssociatedData(KeyId key, in FieldContext context) =>
        Canonical.Encode("autom8/field/v1/aad"u8, key.ToString(), context.Table, context.Column, context.RowId);
}
