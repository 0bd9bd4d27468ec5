namespace Autom8.Security.Encryption;

/// <summary>Encrypts single fields of rows, each bound to its table, column and row. Safe for concurrent use.</summary>
public interface IFieldProtector
{
    /// <summary>Encrypts a value under the active key. Equal values give different ciphertexts.</summary>
    /// <exception cref="ArgumentException">The context is incomplete, or the text is not well-formed UTF-16.</exception>
    EncryptedField Protect(string plaintext, in FieldContext context);

    /// <summary>Decrypts what <see cref="Protect"/> made for the same context, under whichever live key it was made.</summary>
    /// <exception cref="ArgumentException">The context is incomplete.</exception>
    /// <exception cref="FieldProtectionException">The ciphertext is damaged, moved, or made with an unknown key or format.</exception>
    string Unprotect(EncryptedField field, in FieldContext context);
}
