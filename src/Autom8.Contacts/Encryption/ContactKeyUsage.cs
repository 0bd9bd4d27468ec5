using System.Buffers.Binary;
using Autom8.Contacts.Storage;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Contacts.Encryption;

/// <summary>Which keys the contact book still needs: field keys for ciphertexts of format 1, index keys for blind-index values.</summary>
internal sealed class ContactKeyUsage(IContactStore store, IKeyringProvider keyrings) : IKeyUsage
{
    public async ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default)
    {
        var counts = await store.CountKeysAsync(cancellationToken).ConfigureAwait(false);
        var uses = counts.FieldKeys.Select(count => new KeyUse(KeyPurpose.FieldEncryption, count.Key, "contact", count.Value)).ToList();
        var indexKeys = keyrings.Current.All(KeyPurpose.BlindIndex);
        foreach (var (tag, rows) in counts.IndexKeyTags)
        {
            // Values without a tag were written before tags were kept, hence with the oldest key. A tag that two keys share counts for both.
            KeyId[] makers =
            [
                .. tag is null
                    ? indexKeys.OrderBy(key => key.CreatedAt).Take(1).Select(key => key.Id)
                    : indexKeys.Select(key => key.Id).Where(id => BlindIndex.TagOf(id) == tag),
            ];
            // Of a key that the keyring never had, or has no longer, the tag is all that is known: told all the same, so that it counts as lost.
            makers = makers is [] && tag is { } unknown ? [Named(unknown)] : makers;
            uses.AddRange(makers.Select(key => new KeyUse(KeyPurpose.BlindIndex, key, "contact_lookup", rows)));
        }

        return uses;
    }

    private static KeyId Named(int tag)
    {
        Span<byte> id = stackalloc byte[KeyId.Length];
        id.Clear();
        BinaryPrimitives.WriteInt32BigEndian(id, tag);
        return new KeyId(id);
    }
}
