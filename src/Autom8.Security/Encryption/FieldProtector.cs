using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;

namespace Autom8.Security.Encryption;

/// <summary>AES-256-GCM field encryption: what has a subject in format 2, under the subject's own key; what has none in format 1, under the keyring's.</summary>
/// <remarks>
/// <para>Format 2: <c>A8 | 02 | nonce (12) | ciphertext | tag (16)</c>, 30 bytes more than the plaintext.
/// Format 1: <c>A8 | 01 | key id (16) | nonce (12) | ciphertext | tag (16)</c>, 46 bytes more. Both are frozen. Text is UTF-8.</para>
/// <para>A field in format 1 is also read where the context names a subject: it was written before the subject had a key.</para>
/// <para>Safe for concurrent use; it keeps no key of its own.</para>
/// </remarks>
public sealed class FieldProtector : IFieldProtector
{
    private const int StackLimit = 512;

    private readonly SubjectKeys? _subjects;
    private readonly KeyringFieldFormat _format1;

    /// <summary>Encrypts with the keys of a keyring, for contexts without a subject.</summary>
    public FieldProtector(IKeyringProvider keyrings)
        : this(keyrings, KeyPurpose.FieldEncryption) { }

    internal FieldProtector(IKeyringProvider keyrings, KeyPurpose purpose, SubjectKeys? subjects = null)
    {
        ArgumentNullException.ThrowIfNull(keyrings);
        _format1 = new KeyringFieldFormat(keyrings, purpose);
        _subjects = subjects;
    }

    /// <summary>Whether a well-formed ciphertext of format 1 was made with the key that is active now.</summary>
    internal bool IsCurrent(EncryptedField field) => _format1.IsCurrent(field.Bytes.Span);

    /// <inheritdoc/>
    public int Overhead(in FieldContext context) => context.Subject is null ? KeyringFieldFormat.Overhead : SubjectFieldFormat.Overhead;

    /// <inheritdoc/>
    public EncryptedField Protect(string plaintext, in FieldContext context)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        var field = new byte[Overhead(context) + Canonical.Utf8.GetByteCount(plaintext)];
        Protect(plaintext, context, field);
        return new EncryptedField(field);
    }

    /// <inheritdoc/>
    public int Protect(ReadOnlySpan<char> plaintext, in FieldContext context, Span<byte> destination)
    {
        var length = Canonical.Utf8.GetByteCount(plaintext);
        var field = Destination(length, context, destination);
        // Encrypted in place, so that no second buffer ever holds the plaintext.
        var text = field.Slice(field.Length - length - AesGcmKey.TagLength, length);
        Canonical.Utf8.GetBytes(plaintext, text);
        Encrypt(text, context, field);
        return field.Length;
    }

    /// <inheritdoc/>
    public int Protect(ReadOnlySpan<byte> plaintext, in FieldContext context, Span<byte> destination)
    {
        var field = Destination(plaintext.Length, context, destination);
        Encrypt(plaintext, context, field);
        return field.Length;
    }

    /// <inheritdoc/>
    public string Unprotect(EncryptedField field, in FieldContext context)
    {
        var length = Math.Max(0, field.Bytes.Length - SubjectFieldFormat.Overhead);
        var rented = length > StackLimit ? ArrayPool<byte>.Shared.Rent(length) : null;
        var buffer = rented is null ? stackalloc byte[StackLimit] : rented;
        var written = 0;
        try
        {
            return TryUnprotect(field.Bytes.Span, context, buffer, out written, out var failure)
                ? Canonical.Utf8.GetString(buffer[..written])
                : throw new FieldProtectionException(context, failure.Value);
        }
        catch (DecoderFallbackException)
        {
            // It verifies, but it is not text: somebody protected bytes here.
            throw Failed(context, FieldProtectionFailure.NotAuthentic);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer[..written]);
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <inheritdoc/>
    public bool TryUnprotect(ReadOnlySpan<byte> field, in FieldContext context, Span<byte> destination, out int written) =>
        TryUnprotect(field, context, destination, out written, out _);

    /// <inheritdoc/>
    public bool TryUnprotect(
        ReadOnlySpan<byte> field,
        in FieldContext context,
        Span<byte> destination,
        out int written,
        [NotNullWhen(false)] out FieldProtectionFailure? failure
    )
    {
        Check(context);
        if (destination.Length < field.Length - SubjectFieldFormat.Overhead)
        {
            throw new ArgumentException("The plaintext needs as many bytes as the field, less 30.", nameof(destination));
        }

        failure =
            field.Length < SubjectFieldFormat.Overhead || field[0] != SubjectFieldFormat.Magic ? FieldProtectionFailure.Malformed
            : field[1] == SubjectFieldFormat.Version ? Decrypt(field, context, destination)
            : field[1] == KeyringFieldFormat.Version ? _format1.Decrypt(field, context, destination)
            : FieldProtectionFailure.UnknownVersion;
        if (failure is { } reason)
        {
            SecurityMeter.FieldFailed(reason);
            written = 0;
            return false;
        }

        written = field.Length - (field[1] == SubjectFieldFormat.Version ? SubjectFieldFormat.Overhead : KeyringFieldFormat.Overhead);
        return true;
    }

    private void Encrypt(ReadOnlySpan<byte> plaintext, in FieldContext context, Span<byte> field)
    {
        if (context.Subject is not { } subject)
        {
            try
            {
                _format1.Encrypt(plaintext, context, field);
            }
            catch
            {
                field.Clear(); // as below
                throw;
            }

            return;
        }

        if (!Subjects().TryBeginUse(subject, out var key, out var failure))
        {
            field.Clear(); // the plaintext may stand in it
            throw Failed(context, failure.Value, "encrypted");
        }

        try
        {
            SubjectFieldFormat.Encrypt(key.Cipher, plaintext, context, field);
        }
        finally
        {
            _subjects!.Cache.EndUse(key);
        }
    }

    private FieldProtectionFailure? Decrypt(ReadOnlySpan<byte> field, in FieldContext context, Span<byte> destination)
    {
        if (context.Subject is not { } subject)
        {
            return FieldProtectionFailure.NotAuthentic; // whoever put it here took it from a place of somebody's
        }

        if (!Subjects().TryBeginUse(subject, out var key, out var failure))
        {
            return failure;
        }

        try
        {
            var plaintext = destination[..(field.Length - SubjectFieldFormat.Overhead)];
            return SubjectFieldFormat.TryDecrypt(key.Cipher, field, context, plaintext) ? null : FieldProtectionFailure.NotAuthentic;
        }
        finally
        {
            _subjects!.Cache.EndUse(key);
        }
    }

    private SubjectKeys Subjects() =>
        _subjects
        ?? throw new InvalidOperationException(
            "A field with a subject needs the table of subject keys. Call UseSqlite or UsePostgreSql on what AddAutom8Security returns."
        );

    private Span<byte> Destination(int length, in FieldContext context, Span<byte> destination)
    {
        Check(context);
        var needed = length + Overhead(context);
        return destination.Length >= needed
            ? destination[..needed]
            : throw new ArgumentException($"The ciphertext needs {needed} bytes.", nameof(destination));
    }

    private static void Check(in FieldContext context)
    {
        if (string.IsNullOrEmpty(context.Table) || string.IsNullOrEmpty(context.Column) || context.RowId == Guid.Empty)
        {
            throw new ArgumentException("A field's context names a table, a column and a row.", nameof(context));
        }

        if (context.Subject is not { } subject)
        {
            return;
        }

        if (subject == Guid.Empty)
        {
            throw new ArgumentException("A field's subject has an id, or is null.", nameof(context));
        }

        if (Math.Max(context.Table.Length, context.Column.Length) > SubjectFieldFormat.MaxNameLength)
        {
            throw new ArgumentException(
                "The table and the column of a field with a subject have at most 64 characters each.",
                nameof(context)
            );
        }
    }

    private static FieldProtectionException Failed(in FieldContext context, FieldProtectionFailure failure, string verb = "decrypted")
    {
        SecurityMeter.FieldFailed(failure);
        return new FieldProtectionException(context, failure, verb);
    }
}
