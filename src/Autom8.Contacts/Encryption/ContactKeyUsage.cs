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
            var makers = tag is null
                ? indexKeys.OrderBy(key => key.CreatedAt).Take(1)
                : indexKeys.Where(key => BlindIndex.TagOf(key.Id) == tag);
            uses.AddRange(makers.Select(key => new KeyUse(KeyPurpose.BlindIndex, key.Id, "contact_lookup", rows)));
        }

        return uses;
    }
}
