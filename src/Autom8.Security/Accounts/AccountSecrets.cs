using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Security.Accounts;

/// <summary>What belongs to an account and must be read again: encrypted under the keyring's account key, bound to its column and account, as base64url text.</summary>
/// <remarks>
/// The text begins with the header of the field format, which names the key: its first 24 characters are the 18 bytes of format and key id. So a query can
/// tell which key a row needs without decrypting it.
/// </remarks>
internal sealed class AccountSecrets(IKeyringProvider keyrings)
{
    /// <summary>How many characters of a text name format and key.</summary>
    public const int KeyPrefixLength = 24;

    private const int KeyOffset = 2;
    private const int HeaderLength = KeyOffset + KeyId.Length;

    private static readonly FieldContext Sample = new("account", "sample", new Guid("00000000-0000-7000-8000-000000000001"));

    private readonly FieldProtector protector = new(keyrings, KeyPurpose.AccountSecret);

    /// <summary>What every text begins with that is encrypted under the key in force.</summary>
    public string CurrentPrefix => Protect("", Sample)[..KeyPrefixLength];

    public string Protect(string plaintext, in FieldContext context) =>
        Base64Url.EncodeToString(protector.Protect(plaintext, context).Bytes.Span);

    /// <exception cref="FieldProtectionException">The text is damaged, belongs elsewhere, or its key is not in the keyring.</exception>
    public string Unprotect(string text, in FieldContext context) => protector.Unprotect(Field(text), context);

    /// <summary>Whether a text that could be decrypted was made under the key in force.</summary>
    public bool IsCurrent(string text) => protector.IsCurrent(Field(text));

    /// <summary>The key that a text names.</summary>
    public static bool TryReadKey(string prefix, [NotNullWhen(true)] out KeyId? key)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        var read = prefix.Length == KeyPrefixLength && StrictBase64Url.TryDecode(prefix, header, out _);
        key = read ? new KeyId(header[KeyOffset..]) : null;
        return read;
    }

    private static EncryptedField Field(string text)
    {
        var bytes = new byte[StrictBase64Url.DecodedLength(text.Length)];
        return StrictBase64Url.TryDecode(text, bytes, out _) ? new EncryptedField(bytes) : default;
    }
}
