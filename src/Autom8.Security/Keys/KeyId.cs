using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Autom8.Security.Keys;

/// <summary>
/// The name of a key: a 16-byte one-way fingerprint of its purpose and material. The name certifies itself, since nobody can find other material
/// that bears it; stored with a ciphertext it therefore commits the ciphertext to its key, which AES-GCM alone does not.
/// </summary>
/// <remarks>HKDF-SHA-256 (RFC 5869) of the material, with the purpose as info. A value type without secrets: safe to print and to log.</remarks>
public readonly struct KeyId : IEquatable<KeyId>
{
    /// <summary>The length of an id in bytes.</summary>
    public const int Length = 16;

    internal const int TextLength = 22;

    private readonly UInt128 _value; // big-endian image of the 16 bytes

    private KeyId(UInt128 value) => _value = value;

    /// <summary>Reads an id from its 16 bytes.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 16 bytes long.</exception>
    public KeyId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException("A key id is 16 bytes long.", nameof(bytes));
        }

        _value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The id of a key with this material.</summary>
    /// <exception cref="ArgumentException"><paramref name="material"/> is empty.</exception>
    public static KeyId Of(KeyPurpose purpose, ReadOnlySpan<byte> material)
    {
        if (material.IsEmpty)
        {
            throw new ArgumentException("A key has material.", nameof(material));
        }

        Span<byte> fingerprint = stackalloc byte[Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, material, fingerprint, [], Encoding.ASCII.GetBytes($"autom8/key-id/v1/{purpose}"));
        return new KeyId(fingerprint);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote: 22 characters of canonical base64url.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out KeyId id)
    {
        Span<byte> bytes = stackalloc byte[Length];
        id = default;
        if (text.Length != TextLength || !StrictBase64Url.TryDecode(text, bytes, out _))
        {
            return false;
        }

        id = new KeyId(bytes);
        return true;
    }

    /// <summary>Writes the 16 bytes of the id.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 16 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (!BinaryPrimitives.TryWriteUInt128BigEndian(destination, _value))
        {
            throw new ArgumentException("A key id needs 16 bytes.", nameof(destination));
        }
    }

    /// <summary>The 16 bytes of the id.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(KeyId other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is KeyId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <summary>The id as base64url (RFC 4648, section 5), 22 characters: the <c>kid</c> of a token.</summary>
    public override string ToString() => Base64Url.EncodeToString(ToArray());

    /// <summary>Whether both are the same id.</summary>
    public static bool operator ==(KeyId left, KeyId right) => left.Equals(right);

    /// <summary>Whether the ids differ.</summary>
    public static bool operator !=(KeyId left, KeyId right) => !left.Equals(right);
}
