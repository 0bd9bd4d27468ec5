using System.Diagnostics.CodeAnalysis;

namespace Autom8.Security.Encryption;

/// <summary>Encrypts single fields of rows, each bound to its table, column, row and, if it is somebody's, to its subject. Safe for concurrent use.</summary>
/// <remarks>A context with a subject needs the subject's key in memory: hold a lease of <see cref="ISubjectKeys"/> meanwhile. With it, the methods that take and fill
/// spans allocate nothing.</remarks>
public interface IFieldProtector
{
    /// <summary>How many bytes a ciphertext for this context is longer than its plaintext: 30 with a subject, 46 without.</summary>
    int Overhead(in FieldContext context);

    /// <summary>Encrypts a value under the active key, or the subject's. Equal values give different ciphertexts.</summary>
    /// <exception cref="ArgumentException">The context is incomplete, or the text is not well-formed UTF-16.</exception>
    /// <exception cref="FieldProtectionException">The subject was shredded, or its key is not in memory or cannot be unwrapped.</exception>
    EncryptedField Protect(string plaintext, in FieldContext context);

    /// <summary>Encrypts bytes into a buffer.</summary>
    /// <param name="plaintext">The value.</param>
    /// <param name="context">The place it belongs to.</param>
    /// <param name="destination">At least <see cref="Overhead"/> bytes longer than the plaintext; must not overlap it.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">The context is incomplete, or the destination too short.</exception>
    /// <exception cref="FieldProtectionException">The subject was shredded, or its key is not in memory or cannot be unwrapped.</exception>
    int Protect(ReadOnlySpan<byte> plaintext, in FieldContext context, Span<byte> destination);

    /// <summary>Encrypts text, in UTF-8, into a buffer.</summary>
    /// <param name="plaintext">The value; well-formed UTF-16.</param>
    /// <param name="context">The place it belongs to.</param>
    /// <param name="destination">At least <see cref="Overhead"/> bytes longer than the UTF-8 of the text.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">The context is incomplete, the destination too short, or the text ill-formed.</exception>
    /// <exception cref="FieldProtectionException">The subject was shredded, or its key is not in memory or cannot be unwrapped.</exception>
    int Protect(ReadOnlySpan<char> plaintext, in FieldContext context, Span<byte> destination);

    /// <summary>Decrypts what was protected for the same context, under whichever live key it was made.</summary>
    /// <exception cref="ArgumentException">The context is incomplete.</exception>
    /// <exception cref="FieldProtectionException">The ciphertext is damaged, moved, made with an unknown key or format, or its subject was shredded.</exception>
    string Unprotect(EncryptedField field, in FieldContext context);

    /// <summary>Decrypts into a buffer what was protected for the same context.</summary>
    /// <param name="field">The ciphertext. Anything may be given.</param>
    /// <param name="context">The place it was read from.</param>
    /// <param name="destination">Takes the plaintext; at least as long as the field less 30 bytes. Nothing of a value that does not verify is left in it.</param>
    /// <param name="written">The length of the plaintext; 0 when there is a failure.</param>
    /// <param name="failure">Why it cannot be decrypted, or null.</param>
    /// <exception cref="ArgumentException">The context is incomplete, or the destination too short.</exception>
    bool TryUnprotect(
        ReadOnlySpan<byte> field,
        in FieldContext context,
        Span<byte> destination,
        out int written,
        [NotNullWhen(false)] out FieldProtectionFailure? failure
    );

    /// <inheritdoc cref="TryUnprotect(ReadOnlySpan{byte}, in FieldContext, Span{byte}, out int, out FieldProtectionFailure?)"/>
    bool TryUnprotect(ReadOnlySpan<byte> field, in FieldContext context, Span<byte> destination, out int written) =>
        TryUnprotect(field, context, destination, out written, out _);
}
