using System.Text.Json.Serialization;

namespace Autom8.Client;

/// <summary>Which audit entries to list. Every part that is given must match.</summary>
public sealed record AuditFilter
{
    /// <summary>Who acted, exactly.</summary>
    public string? User { get; init; }

    /// <summary>What was done, exactly, such as <c>contact.updated</c>.</summary>
    public string? Action { get; init; }

    /// <summary>What kind of thing it was done to.</summary>
    public string? ResourceType { get; init; }

    /// <summary>Which one it was done to.</summary>
    public string? ResourceId { get; init; }

    /// <summary>The earliest instant, included.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest instant, excluded.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>One entry of the audit trail.</summary>
/// <param name="Id">Its id; ids sort by time.</param>
/// <param name="Timestamp">When it happened.</param>
/// <param name="User">Who did it.</param>
/// <param name="Action">What was done.</param>
/// <param name="ResourceType">To what kind of thing.</param>
/// <param name="ResourceId">To which.</param>
/// <param name="Details">JSON text with the names of what changed.</param>
/// <param name="RequestId">In which request.</param>
/// <param name="Verified">Whether its MAC holds: false means that the row was altered in the database.</param>
/// <param name="Subject">Whom the personal part is about.</param>
/// <param name="Personal">JSON text with personal values, while they can be read.</param>
/// <param name="Erased">Whether there was a personal part that was erased since.</param>
public sealed record AuditEntry(
    Guid Id,
    DateTimeOffset Timestamp,
    string User,
    string Action,
    string ResourceType,
    string? ResourceId,
    string? Details,
    string? RequestId,
    bool Verified,
    Guid? Subject,
    string? Personal,
    bool Erased
);

/// <summary>What a check of the whole audit log found.</summary>
/// <param name="Holds">Whether everything is as it was written.</param>
/// <param name="Entries">How many entries were checked.</param>
/// <param name="Sealed">How many of them stand in the chain.</param>
/// <param name="Failures">How many entries, positions and checkpoints are not as they were written.</param>
/// <param name="Findings">The first 1000 of these.</param>
/// <param name="Begins">The position before which the log was cut, or 0.</param>
/// <param name="Checkpoints">How many checkpoints of the database were compared.</param>
/// <param name="Anchored">How many anchored checkpoints were compared.</param>
/// <param name="Checkpoint">The newest checkpoint, a signed note; keep it elsewhere.</param>
/// <param name="VerifierKeys">The public keys of checkpoints.</param>
public sealed record AuditVerification(
    bool Holds,
    long Entries,
    long Sealed,
    long Failures,
    IReadOnlyList<AuditFinding> Findings,
    long Begins,
    long Checkpoints,
    long Anchored,
    string? Checkpoint,
    IReadOnlyList<string> VerifierKeys
);

/// <summary>Something in the audit log that is not as it was written.</summary>
/// <param name="Kind">What is wrong, such as <c>edited</c>, <c>deleted</c>, <c>reordered</c>, <c>truncated</c> or <c>forked</c>.</param>
/// <param name="Sequence">The position in the chain, if there is one.</param>
/// <param name="EntryId">The entry, where it is known.</param>
/// <param name="Count">How many positions in a row.</param>
public sealed record AuditFinding(string Kind, long? Sequence, Guid? EntryId, long Count);

internal sealed record AuditEntryPage(IReadOnlyList<AuditEntry> Items, Guid? NextCursor);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AuditEntryPage))]
[JsonSerializable(typeof(AuditVerification))]
internal sealed partial class AuditClientJson : JsonSerializerContext;
