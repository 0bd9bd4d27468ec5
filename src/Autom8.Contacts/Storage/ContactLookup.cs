namespace Autom8.Contacts.Storage;

/// <summary>What a blind index is an index of. The numbers stand in the database.</summary>
public enum ContactLookupKind
{
    /// <summary>An exact e-mail address.</summary>
    Email = 1,

    /// <summary>An exact phone number.</summary>
    Phone = 2,
}

/// <summary>A blind-index value under which a contact is found.</summary>
/// <param name="Kind">What was indexed.</param>
/// <param name="Value">The fingerprint: 16 bytes.</param>
/// <param name="KeyTag">Which key it was made with: <see cref="Autom8.Security.Encryption.BlindIndex.TagOf"/>. Null for what was written before this was kept.</param>
/// <param name="NormalizerVersion">Which version of the normaliser brought the address into the form that was indexed.</param>
public readonly record struct ContactLookup(
    ContactLookupKind Kind,
    ReadOnlyMemory<byte> Value,
    int? KeyTag = null,
    int NormalizerVersion = 1
);

/// <summary>A row to be written, with everything it shall be found by.</summary>
/// <param name="Row">The row.</param>
/// <param name="Lookups">Its blind-index values, each once.</param>
public sealed record ContactRow(StoredContact Row, IReadOnlyList<ContactLookup> Lookups);

/// <summary>What one kind of blind index holds.</summary>
/// <param name="Kind">What is indexed.</param>
/// <param name="Rows">How many values.</param>
/// <param name="DistinctValues">How many different ones.</param>
/// <param name="LargestBucket">How many rows share the most frequent one.</param>
public readonly record struct ContactLookupMeasure(ContactLookupKind Kind, long Rows, long DistinctValues, long LargestBucket);

/// <summary>How many rows of the contact book need which key.</summary>
/// <param name="FieldKeys">By the id that ciphertexts of format 1 name: contacts.</param>
/// <param name="IndexKeyTags">By the tag of the index key, null where none is kept: blind-index values.</param>
public sealed record ContactKeyCounts(
    IReadOnlyDictionary<Autom8.Security.Keys.KeyId, long> FieldKeys,
    IReadOnlyList<(int? KeyTag, long Rows)> IndexKeyTags
);
