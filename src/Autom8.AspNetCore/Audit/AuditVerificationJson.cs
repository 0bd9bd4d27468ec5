using Autom8.Security.Audit;

namespace Autom8.AspNetCore;

/// <summary>What a check of the whole audit log found.</summary>
/// <param name="Holds">Whether everything is as it was written.</param>
/// <param name="Entries">How many entries were checked.</param>
/// <param name="Sealed">How many of them stand in the chain; the others were appended within the last second.</param>
/// <param name="Failures">How many entries, positions and checkpoints are not as they were written.</param>
/// <param name="Findings">The first 1000 of these.</param>
/// <param name="Begins">The position before which the log was cut, or 0.</param>
/// <param name="Checkpoints">How many checkpoints of the database were compared.</param>
/// <param name="Anchored">How many anchored checkpoints were compared.</param>
/// <param name="Checkpoint">The newest checkpoint, a signed note; null while there is none.</param>
/// <param name="VerifierKeys">The public keys of checkpoints, for checking notes elsewhere.</param>
public sealed record AuditVerificationResponse(
    bool Holds,
    long Entries,
    long Sealed,
    long Failures,
    IReadOnlyList<AuditFindingResponse> Findings,
    long Begins,
    long Checkpoints,
    long Anchored,
    string? Checkpoint,
    IReadOnlyList<string> VerifierKeys
)
{
    internal static AuditVerificationResponse From(AuditVerification verification, IReadOnlyList<string> keys) =>
        new(
            verification.Holds,
            verification.Entries,
            verification.Sealed,
            verification.Failures,
            [.. verification.Findings.Select(AuditFindingResponse.From)],
            verification.Begins,
            verification.Checkpoints,
            verification.Anchored,
            verification.Newest?.Text,
            keys
        );
}

/// <summary>Something in the audit log that is not as it was written.</summary>
/// <param name="Kind">What is wrong: edited, unknownKey, deleted, reordered, sealEdited, sealMissing, unsealed, truncated, forked, checkpointEdited or cutEdited.</param>
/// <param name="Sequence">The position in the chain, if there is one.</param>
/// <param name="EntryId">The entry, where it is known.</param>
/// <param name="Count">How many positions in a row.</param>
public sealed record AuditFindingResponse(string Kind, long? Sequence, Guid? EntryId, long Count)
{
    internal static AuditFindingResponse From(AuditFinding finding) =>
        new(
            finding.Kind switch
            {
                AuditFindingKind.Edited => "edited",
                AuditFindingKind.UnknownKey => "unknownKey",
                AuditFindingKind.Deleted => "deleted",
                AuditFindingKind.Reordered => "reordered",
                AuditFindingKind.SealEdited => "sealEdited",
                AuditFindingKind.SealMissing => "sealMissing",
                AuditFindingKind.Unsealed => "unsealed",
                AuditFindingKind.Truncated => "truncated",
                AuditFindingKind.Forked => "forked",
                AuditFindingKind.CheckpointEdited => "checkpointEdited",
                AuditFindingKind.CutEdited => "cutEdited",
                _ => throw new ArgumentOutOfRangeException(nameof(finding)),
            },
            finding.Sequence,
            finding.EntryId,
            finding.Count
        );
}
