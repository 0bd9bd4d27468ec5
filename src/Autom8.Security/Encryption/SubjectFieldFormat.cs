using System.Runtime.CompilerServices;

namespace Autom8.Security.Encryption;

/// <summary>
/// Field format 2, frozen: <c>A8 | 02 | nonce (12) | ciphertext | tag (16)</c>, 30 bytes more than the plaintext. AES-256-GCM under the data key of the subject.
/// </summary>
/// <remarks>
/// <para>The associated data is the length-prefixed list of format, table, column, row and subject.</para>
/// <para>The ciphertext does not name its key: a subject has one, for life. That the key is the right one is checked where it is unwrapped, against its commitment.</para>
/// <para>Random 96-bit nonces are safe for 2^32 messages under one key (NIST SP 800-38D, section 8.3); here the bound counts the writes of one subject.</para>
/// </remarks>
internal static class SubjectFieldFormat
{
    public const byte Magic = 0xA8;
    public const byte Version = 2;
    public const int HeaderLength = 2 + AesGcmKey.NonceLength;
    public const int Overhead = HeaderLength + AesGcmKey.TagLength;

    // PostgreSQL allows 63 bytes; the bound lets the associated data stand on the stack.
    public const int MaxNameLength = 64;

    private const int MaxBytesPerChar = 3;
    private const int MaxAssociatedData = 128 + (2 * MaxNameLength * MaxBytesPerChar);

    /// <summary>Encrypts the plaintext, which may stand in its final place already: <paramref name="field"/> from <see cref="HeaderLength"/>.</summary>
    /// <param name="cipher">Of the subject's key.</param>
    /// <param name="plaintext">The value.</param>
    /// <param name="context">With a subject.</param>
    /// <param name="field">Takes exactly <see cref="Overhead"/> bytes more than the plaintext.</param>
    [SkipLocalsInit]
    public static void Encrypt(AesGcmKey cipher, ReadOnlySpan<byte> plaintext, in FieldContext context, Span<byte> field)
    {
        field[0] = Magic;
        field[1] = Version;
        var nonce = field.Slice(2, AesGcmKey.NonceLength);
        NonceSource.Fill(nonce);
        Span<byte> associated = stackalloc byte[MaxAssociatedData];
        cipher.Encrypt(
            nonce,
            plaintext,
            field.Slice(HeaderLength, plaintext.Length),
            field[(HeaderLength + plaintext.Length)..],
            AssociatedData(context, associated)
        );
    }

    /// <param name="cipher">Of the subject's key.</param>
    /// <param name="field">At least <see cref="Overhead"/> bytes.</param>
    /// <param name="context">With a subject.</param>
    /// <param name="plaintext">Takes exactly <see cref="Overhead"/> bytes fewer than the field; emptied when it does not verify.</param>
    [SkipLocalsInit]
    public static bool TryDecrypt(AesGcmKey cipher, ReadOnlySpan<byte> field, in FieldContext context, Span<byte> plaintext)
    {
        Span<byte> associated = stackalloc byte[MaxAssociatedData];
        return cipher.TryDecrypt(
            field.Slice(2, AesGcmKey.NonceLength),
            field[HeaderLength..^AesGcmKey.TagLength],
            field[^AesGcmKey.TagLength..],
            plaintext,
            AssociatedData(context, associated)
        );
    }

    private static ReadOnlySpan<byte> AssociatedData(in FieldContext context, Span<byte> buffer)
    {
        var writer = new CanonicalWriter(buffer);
        writer.Add("autom8/field/v2"u8);
        writer.Add(context.Table);
        writer.Add(context.Column);
        writer.Add(context.RowId);
        writer.Add(context.Subject.GetValueOrDefault());
        return writer.Written;
    }
}
