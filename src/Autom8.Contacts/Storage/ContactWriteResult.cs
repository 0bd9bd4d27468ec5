namespace Autom8.Contacts.Storage;

/// <summary>How a conditional write ended.</summary>
public enum ContactWriteStatus
{
    /// <summary>It was written, and so was what the hook wrote.</summary>
    Written,

    /// <summary>There is no such row, or it is a tombstone. Nothing was written.</summary>
    NotFound,

    /// <summary>The row is at another version. Nothing was written.</summary>
    VersionConflict,
}

/// <summary>How a conditional write ended.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Version">The version that is stored now; 0 when not found.</param>
public readonly record struct ContactWriteResult(ContactWriteStatus Status, long Version);
