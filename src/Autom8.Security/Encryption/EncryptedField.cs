namespace Autom8.Security.Encryption;

/// <summary>A ciphertext, so that nobody mistakes bytes for plaintext or text for a ciphertext. Made by <see cref="IFieldProtector.Protect(string, in FieldContext)"/> or read from a column.</summary>
public readonly struct EncryptedField
{
    /// <summary>Takes over the bytes of a column. They are judged when they are decrypted.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="bytes"/> is null.</exception>
    public EncryptedField(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Bytes = bytes;
    }

    /// <summary>The bytes to be stored.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>A copy of the bytes to be stored.</summary>
    public byte[] ToArray() => Bytes.ToArray();
}
