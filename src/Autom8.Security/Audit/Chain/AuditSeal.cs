namespace Autom8.Security.Audit;

/// <summary>A position of the chain.</summary>
/// <param name="Sequence">The position, from 1, without a gap.</param>
/// <param name="EntryId">The entry that stands there.</param>
/// <param name="TransactionId">What the entry was found by: on PostgreSQL the transaction that wrote it, on SQLite where it was waiting.</param>
/// <param name="KeyId">The audit key under which it was chained.</param>
/// <param name="Chain">The value that stands for everything up to here.</param>
internal sealed record AuditSeal(long Sequence, Guid EntryId, ulong TransactionId, string KeyId, byte[] Chain);

/// <summary>A position with the entry that stands there, or null where that is gone.</summary>
internal sealed record SealedEntry(AuditSeal Seal, AuditRow? Row);

/// <summary>An entry that is committed and not sealed yet. One that was deleted meanwhile, where that shows, has no MAC.</summary>
internal readonly record struct UnsealedEntry(Guid Id, byte[] Mac, ulong TransactionId);

/// <summary>Where the chain stands: how many positions it has, and the value at the last.</summary>
internal readonly record struct AuditHead(long Size, byte[] Chain)
{
    public static AuditHead Empty => new(0, AuditChain.Genesis);
}

/// <summary>A signed statement as it is stored.</summary>
internal sealed record StoredNote(long Size, string Note);

/// <summary>How many rows of a table name a key.</summary>
internal readonly record struct AuditKeyCount(string Table, string KeyId, long Rows);
