using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Keys;

namespace Autom8.Contacts.Paging;

/// <summary>
/// Where the next page begins, as an opaque text that only this service can make: base64url of <c>01 | last id (16) | HMAC-SHA-256 truncated (16)</c>.
/// The seal covers what was listed or searched for, so that a cursor continues its own query only, and says nothing of it.
/// </summary>
internal sealed class ContactCursor(IKeyringProvider keyrings)
{
    private const byte Version = 1;
    private const int IdLength = 16;
    private const int MacLength = 16;
    private const int Length = 1 + IdLength + MacLength;
    private const int TextLength = Length * 4 / 3;

    public string Create(string query, Guid last)
    {
        Span<byte> cursor = stackalloc byte[Length];
        cursor[0] = Version;
        last.TryWriteBytes(cursor[1..], bigEndian: true, out _);
        Seal(keyrings.Current.Active(KeyPurpose.Cursor), query, cursor[..^MacLength], cursor[^MacLength..]);
        return Base64Url.EncodeToString(cursor);
    }

    /// <exception cref="ContactValidationException">The text is not a cursor of this query.</exception>
    public Guid Read(string query, string cursor)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (
            cursor.Length == TextLength
            && Base64Url.IsValid(cursor)
            && Base64Url.TryDecodeFromChars(cursor, bytes, out var written)
            && written == Length
            && bytes[0] == Version
            && IsSealed(query, bytes)
        )
        {
            return new Guid(bytes.Slice(1, IdLength), bigEndian: true);
        }

        throw new ContactValidationException(
            "cursor",
            "must be the next cursor of a page of this very query, unchanged. Leave it out to begin with the first page."
        );
    }

    private bool IsSealed(string query, ReadOnlySpan<byte> cursor)
    {
        Span<byte> mac = stackalloc byte[MacLength];
        foreach (var key in keyrings.Current.All(KeyPurpose.Cursor))
        {
            if (!key.IsLive)
            {
                continue;
            }

            Seal(key, query, cursor[..^MacLength], mac);
            if (CryptographicOperations.FixedTimeEquals(mac, cursor[^MacLength..]))
            {
                return true;
            }
        }

        return false;
    }

    private static void Seal(KeyringKey key, string query, ReadOnlySpan<byte> position, Span<byte> mac)
    {
        var label = "autom8/contacts/cursor/v1"u8;
        var text = Encoding.UTF8.GetBytes(query);
        var message = new byte[label.Length + sizeof(int) + text.Length + position.Length];
        label.CopyTo(message);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(label.Length), text.Length);
        text.CopyTo(message, label.Length + sizeof(int));
        position.CopyTo(message.AsSpan(label.Length + sizeof(int) + text.Length));
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Material, message, hash);
        hash[..MacLength].CopyTo(mac);
    }
}
