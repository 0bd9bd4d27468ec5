namespace Autom8.Security.Audit;

/// <summary>What a check of the whole log found.</summary>
/// <param name="Entries">How many entries were checked.</param>
/// <param name="Sealed">How many of them stand in the chain.</param>
/// <param name="Failures">How many entries, positions and checkpoints are not as they were written.</param>
/// <param name="Findings">The first of these, at most <see cref="MaxFindings"/>.</param>
/// <param name="Begins">The position before which the log was cut, or 0.</param>
/// <param name="Checkpoints">How many checkpoints of the database were compared.</param>
/// <param name="Anchored">How many anchored checkpoints were compared. While this is 0, only this process would notice a log whose tail was cut off in all tables.</param>
/// <param name="Newest">The newest checkpoint, if there is one.</param>
public sealed record AuditVerification(
    long Entries,
    long Sealed,
    long Failures,
    IReadOnlyList<AuditFinding> Findings,
    long Begins,
    long Checkpoints,
    long Anchored,
    AuditCheckpoint? Newest
)
{
    /// <summary>How many findings are told in full: 1000.</summary>
    public const int MaxFindings = 1000;

    /// <summary>Whether everything is as it was written.</summary>
    public bool Holds => Failures == 0;
}

/// <summary>Something in the log that is not as it was written.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Sequence">The position in the chain; of missing ones the first; of a checkpoint its size. Null for an entry that has no position.</param>
/// <param name="EntryId">The entry, where it is known.</param>
/// <param name="Count">How many in a row: more than 1 only for <see cref="AuditFindingKind.SealMissing"/> and <see cref="AuditFindingKind.Truncated"/>.</param>
public sealed record AuditFinding(AuditFindingKind Kind, long? Sequence, Guid? EntryId, long Count = 1);

/// <summary>What can be wrong with the log.</summary>
public enum AuditFindingKind
{
    /// <summary>The entry's MAC does not hold: some column was edited, or the entry is forged.</summary>
    Edited,

    /// <summary>The key that the entry, seal or checkpoint names is not live in the keyring, so nobody can tell.</summary>
    UnknownKey,

    /// <summary>The entry was sealed and is gone.</summary>
    Deleted,

    /// <summary>Another entry stands at this position than the one that was sealed there, which stands at another position.</summary>
    Reordered,

    /// <summary>The seal at this position is not the one that was made.</summary>
    SealEdited,

    /// <summary>Positions of the chain are gone.</summary>
    SealMissing,

    /// <summary>The entry should have a position and has none: its seal was deleted, or it was put in behind the sealer's back.</summary>
    Unsealed,

    /// <summary>The chain ends before a checkpoint says it did.</summary>
    Truncated,

    /// <summary>The chain differs from what a checkpoint stands for: up to here it was replaced, by a restored copy or by somebody who has the keys.</summary>
    Forked,

    /// <summary>A checkpoint of the database or of an anchor is not as it was signed.</summary>
    CheckpointEdited,

    /// <summary>A cut is not as it was signed; it is not believed.</summary>
    CutEdited,
}
