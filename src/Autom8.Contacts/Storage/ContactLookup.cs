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
public readonly record struct ContactLookup(ContactLookupKind Kind, ReadOnlyMemory<byte> Value);

/// <summary>A row to be written, with everything it shall be found by.</summary>
/// <param name="Row">The row.</param>
/// <param name="Lookups">Its blind-index values, each once.</param>
public sealed record ContactRow(StoredContact Row, IReadOnlyList<ContactLookup> Lookups);
